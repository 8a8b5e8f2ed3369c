/** The reply to a command, as in Redis's protocol. Each character of a string is one byte (Latin-1). */
export type Reply = number | string | null | readonly Reply[];

/** An error with which Redis would reply: `WRONGTYPE …`, `ERR …`. */
export class CommandError extends Error {}

interface Values {
  string: string;
  hash: Map<string, string>;
  set: Set<string>;
  zset: Map<string, number>;
  list: string[];
}
type Kind = keyof Values;
type Value = { [K in Kind]: { type: K; value: Values[K] } }[Kind];

interface Entry {
  value: Value;
  /** Milliseconds since 1970; `null` for never. */
  expiresAt: number | null;
}

/** A key and its entry before a command changed the key. `undefined`: the key did not exist. */
type Undo = [key: string, entry: Entry | undefined];

/**
 * An in-memory Redis with the commands that the product uses, on a clock that is passed in. `redis.test.ts` compares its replies
 * with those of a real Redis. The store suites (`*.suite.ts`) run on both.
 *
 * The last changes can be undone, as if Redis restarted without them. This file is longer than others, because all commands
 * share the code that undoes them.
 */
export interface Database {
  /** Runs one command, as `redis.call` of a script does. @throws CommandError */
  command(name: string, args: readonly string[]): Reply;
  /** Runs `work` as one step, which {@link Database.forget} undoes as a whole. */
  step<T>(work: () => T): T;
  /** Time of the last step that wrote anything. */
  readonly changedAt: number;
  /** Undoes the last steps, as if Redis restarted before they were on its disk. Returns how many it undid. */
  forget(steps: number): number;
  keys(): string[];
  /** Milliseconds until the key expires; `null` if the key never expires or does not exist. */
  ttl(key: string): number | null;
  dump(): string;
  onPublish: (channel: string, message: string) => void;
}

/** How many steps can be undone at most. */
const MAX_HISTORY = 32;

/** With `canForget`, the database records what each step changed. {@link Database.forget} needs that record. */
export function createDatabase(now: () => number, { canForget = false } = {}): Database {
  const entries = new Map<string, Entry>();
  let history: Undo[][] = [];
  let undo: Undo[] | null = null;
  let changedAt = 0;
  let hasChanged = false;

  function live(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || entry.expiresAt === null || entry.expiresAt > now()) return entry;
    entries.delete(key);
    return undefined;
  }

  const copyOf = ({ value, expiresAt }: Entry): Entry => {
    switch (value.type) {
      case 'string':
        return { value: { ...value }, expiresAt };
      case 'hash':
        return { value: { type: 'hash', value: new Map(value.value) }, expiresAt };
      case 'set':
        return { value: { type: 'set', value: new Set(value.value) }, expiresAt };
      case 'zset':
        return { value: { type: 'zset', value: new Map(value.value) }, expiresAt };
      case 'list':
        return { value: { type: 'list', value: [...value.value] }, expiresAt };
    }
  };

  /** Must be called before a key changes. Records the entry of the key for {@link Database.forget}. */
  function touch(key: string): void {
    hasChanged = true;
    if (!canForget || undo === null || undo.some(([known]) => known === key)) return;
    const entry = live(key);
    undo.push([key, entry && copyOf(entry)]);
  }

  function read<K extends Kind>(key: string, type: K): Values[K] | undefined {
    const entry = live(key);
    if (entry === undefined) return undefined;
    if (entry.value.type !== type)
      throw new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
    return entry.value.value as Values[K];
  }

  function write<K extends Exclude<Kind, 'string'>>(key: string, type: K): Values[K] {
    touch(key);
    const found = read(key, type);
    if (found !== undefined) return found;
    const value = (type === 'list' ? [] : type === 'set' ? new Set<string>() : new Map<string, never>()) as Values[K];
    entries.set(key, { value: { type, value } as Value, expiresAt: null });
    return value;
  }

  function dropIfEmpty(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined || entry.value.type === 'string') return;
    const { type, value } = entry.value;
    if ((type === 'list' ? value.length : value.size) === 0) entries.delete(key);
  }

  function setString(key: string, value: string, expiresAt: number | null): void {
    touch(key);
    entries.set(key, { value: { type: 'string', value }, expiresAt });
  }

  /** Changes a string and keeps its lifetime. */
  const changeString = (key: string, change: (old: string) => string): number => {
    const value = change(read(key, 'string') ?? '');
    setString(key, value, live(key)?.expiresAt ?? null);
    return value.length;
  };

  const sorted = (key: string): [member: string, score: number][] => {
    const members = [...(read(key, 'zset') ?? [])];
    return members.length < 2 ? members : members.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : a > b ? 1 : 0));
  };

  const COMMANDS: Record<string, (args: readonly string[]) => Reply> = {
    GET: ([key]) => read(key!, 'string') ?? null,
    SET([key, value, ...options]) {
      const at = (name: string) => options.findIndex((option) => option.toUpperCase() === name);
      if (at('NX') !== -1 && live(key!)) return null;
      const ms = at('PX') === -1 ? null : Number(options[at('PX') + 1]);
      const kept = at('KEEPTTL') === -1 ? null : (live(key!)?.expiresAt ?? null);
      setString(key!, value!, ms === null ? kept : now() + ms);
      return 'OK';
    },
    APPEND: ([key, value]) => changeString(key!, (old) => old + value!),
    STRLEN: ([key]) => read(key!, 'string')?.length ?? 0,
    GETRANGE([key, from, to]) {
      const value = read(key!, 'string') ?? '';
      const index = (at: number) => (at < 0 ? Math.max(0, value.length + at) : at);
      return value.slice(index(Number(from)), index(Number(to)) + 1);
    },
    SETRANGE([key, offset, value]) {
      const at = Number(offset);
      return changeString(key!, (old) => old.padEnd(at, '\0').slice(0, at) + value! + old.slice(at + value!.length));
    },
    INCR: ([key]) => COMMANDS.INCRBY!([key!, '1']),
    INCRBY: ([key, by]) => Number(changeAndRead(key!, (old) => String(Number(old || '0') + Number(by)))),
    HSET([key, ...pairs]) {
      const hash = write(key!, 'hash');
      let added = 0;
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        if (!hash.has(pairs[i]!)) added += 1;
        hash.set(pairs[i]!, pairs[i + 1]!);
      }
      return added;
    },
    HSETNX([key, field, value]) {
      const hash = write(key!, 'hash');
      if (hash.has(field!)) return 0;
      hash.set(field!, value!);
      return 1;
    },
    HGET: ([key, field]) => read(key!, 'hash')?.get(field!) ?? null,
    HMGET: ([key, ...fields]) => fields.map((field) => read(key!, 'hash')?.get(field) ?? null),
    HGETALL: ([key]) => [...(read(key!, 'hash') ?? [])].flat(),
    HEXISTS: ([key, field]) => (read(key!, 'hash')?.has(field!) ? 1 : 0),
    HLEN: ([key]) => read(key!, 'hash')?.size ?? 0,
    HSTRLEN: ([key, field]) => read(key!, 'hash')?.get(field!)?.length ?? 0,
    HDEL: ([key, ...fields]) => remove(key!, 'hash', fields),
    HINCRBY([key, field, by]) {
      const hash = write(key!, 'hash');
      const value = Number(hash.get(field!) ?? '0') + Number(by);
      hash.set(field!, String(value));
      return value;
    },
    SADD([key, ...members]) {
      const set = write(key!, 'set');
      const before = set.size;
      for (const member of members) set.add(member);
      return set.size - before;
    },
    SREM: ([key, ...members]) => remove(key!, 'set', members),
    SMEMBERS: ([key]) => [...(read(key!, 'set') ?? [])],
    SISMEMBER: ([key, member]) => (read(key!, 'set')?.has(member!) ? 1 : 0),
    SCARD: ([key]) => read(key!, 'set')?.size ?? 0,
    ZADD([key, ...given]) {
      const option = /^[a-z]+$/i.test(given[0] ?? '') ? given[0]!.toUpperCase() : null;
      if (option !== null && option !== 'GT' && option !== 'NX')
        throw new CommandError("ERR the explorer's Redis does not know this option of ZADD: add it");
      const rest = option === null ? given : given.slice(1);
      const zset = write(key!, 'zset');
      const before = zset.size;
      for (let i = 0; i + 1 < rest.length; i += 2) {
        const [score, member] = [Number(rest[i]), rest[i + 1]!];
        const known = zset.get(member);
        if (known === undefined || option === null || (option === 'GT' && score > known)) zset.set(member, score);
      }
      return zset.size - before;
    },
    ZREM: ([key, ...members]) => remove(key!, 'zset', members),
    ZSCORE: ([key, member]) => {
      const score = read(key!, 'zset')?.get(member!);
      return score === undefined ? null : String(score);
    },
    ZCARD: ([key]) => read(key!, 'zset')?.size ?? 0,
    ZRANGE: ([key, from, to, ...options]) => zrange(key!, from!, to!, options),
    ZRANGEBYSCORE: ([key, min, max, ...options]) => zrange(key!, min!, max!, ['BYSCORE', ...options]),
    ZREMRANGEBYSCORE([key, min, max]) {
      const inside = within(min!, max!);
      const members = sorted(key!).filter(([, score]) => inside(score));
      return members.length === 0
        ? 0
        : remove(
            key!,
            'zset',
            members.map(([member]) => member),
          );
    },
    RPUSH: ([key, ...items]) => write(key!, 'list').push(...items),
    LPUSH: ([key, ...items]) => write(key!, 'list').unshift(...items.toReversed()),
    LPOP([key]) {
      if (read(key!, 'list') === undefined) return null;
      const first = write(key!, 'list').shift()!;
      dropIfEmpty(key!);
      return first;
    },
    LLEN: ([key]) => read(key!, 'list')?.length ?? 0,
    LRANGE([key, from, to]) {
      const items = read(key!, 'list') ?? [];
      const index = (at: number) => (at < 0 ? items.length + at : at);
      return items.slice(Math.max(0, index(Number(from))), Math.max(0, index(Number(to)) + 1));
    },
    /** Supports only the count 0, with which Redis removes all items that are equal to `item`. */
    LREM([key, count, item]) {
      if (count !== '0') throw new CommandError(`ERR the explorer's Redis does not know this count of LREM: add it`);
      if (read(key!, 'list')?.includes(item!) !== true) return 0;
      const items = write(key!, 'list');
      const left = items.filter((each) => each !== item);
      const removed = items.length - left.length;
      items.splice(0, items.length, ...left);
      dropIfEmpty(key!);
      return removed;
    },
    DEL: (keys) => deleteAll(keys),
    UNLINK: (keys) => deleteAll(keys),
    EXISTS: (keys) => keys.filter((key) => live(key)).length,
    PEXPIRE([key, ms]) {
      if (!live(key!)) return 0;
      touch(key!);
      entries.get(key!)!.expiresAt = now() + Number(ms);
      return 1;
    },
    PEXPIREAT([key, at]) {
      if (!live(key!)) return 0;
      touch(key!);
      entries.get(key!)!.expiresAt = Number(at);
      return 1;
    },
    PTTL([key]) {
      const entry = live(key!);
      return entry === undefined ? -2 : entry.expiresAt === null ? -1 : entry.expiresAt - now();
    },
    /** Supports only patterns with one `*` and no other wildcard. */
    KEYS: ([pattern]) => {
      const parts = pattern!.split('*');
      return database.keys().filter((key) => key.startsWith(parts[0]!) && key.endsWith(parts.at(-1)!));
    },
    TIME: () => [String(Math.floor(now() / 1000)), String((now() % 1000) * 1000)],
    PUBLISH: ([channel, message]) => (database.onPublish(channel!, message!), 0),
    SPUBLISH: ([channel, message]) => (database.onPublish(channel!, message!), 0),
  };

  function changeAndRead(key: string, change: (old: string) => string): string {
    changeString(key, change);
    return read(key, 'string')!;
  }

  function remove(key: string, type: Exclude<Kind, 'string' | 'list'>, members: readonly string[]): number {
    if (read(key, type) === undefined) return 0;
    const value = write(key, type);
    const removed = members.filter((member) => value.delete(member)).length;
    dropIfEmpty(key);
    return removed;
  }

  function deleteAll(keys: readonly string[]): number {
    return keys.filter((key) => {
      if (!live(key)) return false;
      touch(key);
      return entries.delete(key);
    }).length;
  }

  function zrange(key: string, from: string, to: string, options: readonly string[]): Reply {
    const has = (name: string) => options.some((option) => option.toUpperCase() === name);
    const members = sorted(key);
    if (has('REV')) members.reverse();
    let found: [string, number][];
    if (has('BYSCORE')) {
      const inside = has('REV') ? within(to, from) : within(from, to);
      found = members.filter(([, score]) => inside(score));
      const limit = options.findIndex((option) => option.toUpperCase() === 'LIMIT');
      if (limit !== -1) {
        const [offset, count] = [Number(options[limit + 1]), Number(options[limit + 2])];
        found = found.slice(offset, count < 0 ? undefined : offset + count);
      }
    } else {
      const index = (at: number) => (at < 0 ? members.length + at : at);
      found = members.slice(Math.max(0, index(Number(from))), index(Number(to)) + 1);
    }
    return has('WITHSCORES')
      ? found.flatMap(([member, score]) => [member, String(score)])
      : found.map(([member]) => member);
  }

  const database: Database = {
    onPublish: () => {},
    get changedAt() {
      return changedAt;
    },
    command(name, args) {
      const run = COMMANDS[name.toUpperCase()];
      if (run === undefined) throw new CommandError(`ERR the explorer's Redis does not know ${name}: add it`);
      return run(args);
    },
    step(work) {
      if (canForget) undo = [];
      hasChanged = false;
      try {
        return work();
      } finally {
        if (hasChanged) changedAt = now();
        if (undo !== null && undo.length > 0) history.push(undo);
        if (history.length > MAX_HISTORY) history = history.slice(-MAX_HISTORY);
        undo = null;
      }
    },
    forget(steps) {
      let taken = 0;
      for (; taken < steps && history.length > 0; taken++) {
        for (const [key, entry] of history.pop()!) {
          if (entry === undefined) entries.delete(key);
          else entries.set(key, entry);
        }
      }
      return taken;
    },
    dump() {
      const text = ({ value }: Value) => (typeof value === 'string' ? value : JSON.stringify([...value]));
      return [...entries].map(([key, { value }]) => `${key} ${text(value)}`).join('\n');
    },
    keys: () => [...entries.keys()].filter((key) => live(key)),
    ttl(key) {
      const entry = live(key);
      return entry?.expiresAt == null ? null : entry.expiresAt - now();
    },
  };
  return database;
}

/** Returns a test for scores between two bounds. A bound is `5`, `(5` (without 5 itself), `-inf` or `+inf`. */
function within(min: string, max: string): (score: number) => boolean {
  const bound = (text: string) => (/inf/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text));
  const [isOpenMin, isOpenMax] = [min.startsWith('('), max.startsWith('(')];
  const [low, high] = [bound(min.replace('(', '')), bound(max.replace('(', ''))];
  return (score) => (isOpenMin ? score > low : score >= low) && (isOpenMax ? score < high : score <= high);
}
