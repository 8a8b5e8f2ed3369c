import { StoreUnavailable } from '../sidecar/store/streams/stream-store.ts';
import { ACTIVE_STREAMS } from '../sidecar/store/redis/keys.ts';
import type { BellClient, OnMessage, RedisClient } from '../sidecar/store/redis/redis-client.ts';
import type { RedisConnection } from '../sidecar/store/redis/redis-connection.ts';
import { createClient, type Request, type Send } from './redis/client.ts';
import { createDatabase, type Database, type Reply } from './redis/database.ts';
import { createScriptRunner } from './redis/lua/script-runner.ts';
import type { Host, VirtualTime } from './virtual-time.ts';

/** One thing that may happen next. */
export interface Option {
  /** The line in a story: `A append at 0 (80 bytes)`. */
  label: string;
  /** `step`: the ordinary course of things. `time`: a timer fires. `person`: somebody does something. `fault`: something breaks. */
  kind: 'step' | 'time' | 'person' | 'fault';
  /** Who does it, for strategies that give each actor a priority. */
  actor: string;
  run(): void;
}

export interface Executed {
  host: Host;
  request: Request;
  reply: Reply;
  /** True if the caller gets the reply. */
  isHeard: boolean;
}

/** A call that a sidecar has made and Redis has not answered. */
interface Call {
  request: Request;
  at: number;
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** One TCP connection: Redis answers its calls in their order. */
interface Wire {
  host: Host;
  name: string;
  calls: Call[];
  /** True while the connection is lost and no new one is open. A call that is made during this time fails immediately. */
  isAway: boolean;
  options: { ordinary: Option; faults: Option[] };
}

interface Link {
  host: Host;
  wires: Wire[];
  subscriptions: Map<string, Set<OnMessage>>;
  /** Messages that Redis has published and this process has not received. */
  messages: { channel: string; message: string }[];
  options: { ordinary: Option; faults: Option[] };
  leaseMs: number;
  calmAt: number;
  wasAway: boolean;
  /** True once a call has failed or waited long. Streams may then be in memory mode (PROTOCOL.md 10.1). */
  wasTroubled: boolean;
  onReturn: Set<() => void>;
  onReady: Set<() => void>;
}

/** Time from a lost connection to the next one. */
const RECONNECT_MS = 50;
const CALL_DEADLINE_MS = 4000;
/**
 * An append that is answered within this time never causes memory mode. A timer ticks every 250 ms, and memory mode begins at the
 * eighth tick after the append. If the sidecar has stood still, the first two ticks may come immediately. The other six take 1500 ms.
 */
const LATE_MS = 1500;

/**
 * Redis and the connections to it. Nothing happens by itself: {@link World.options} returns what may happen next.
 *
 * This file is longer than others, because calls, replies, and the loss of calls and replies share one state.
 */
export interface World {
  db: Database;
  /** A connection for one sidecar, as `connectRedis` makes it. */
  connect(host: Host, leaseMs: number): RedisConnection;
  /** What may happen next. With `withFaults`, this includes faults: lost replies, broken connections, and so on. */
  options(withFaults: boolean): Option[];
  /** How many options there are without faults. */
  readonly pending: number;
  /** True if no call of this sidecar has failed or waited long so far. The sidecar then has no reason to be in memory mode. */
  isUntroubled(host: Host): boolean;
  /** True while a sidecar has lost a connection and has no new one. */
  readonly isAway: boolean;
  /**
   * Answers the calls whose order makes no difference: calls that ask for the time, and calls that read due streams from the index of
   * active streams and get none. Returns true if there was such a call.
   */
  answerIdle(): boolean;
  kill(host: Host): void;
  /** No sidecar reaches Redis for this time. Redis loses nothing. */
  leave(ms: number): void;
  /** Redis restarts without its last `lostSteps` writes, which were not on its disk. Returns how many writes were lost. */
  restart(lostSteps: number): number;
  /** Called with every call that Redis has executed. */
  onExecuted: (executed: Executed) => void;
}

/** `canForget`: Redis may restart without its last writes. Runs without such a restart are faster. */
export function createWorld(time: VirtualTime, { canForget }: { canForget: boolean }): World {
  const db = createDatabase(time.now, { canForget });
  const scripts = createScriptRunner(db);
  const links: Link[] = [];

  db.onPublish = (channel, message) => {
    for (const link of links)
      if (!link.host.isDead && link.subscriptions.has(channel)) link.messages.push({ channel, message });
  };

  const linkOf = (host: Host): Link => links.find((link) => link.host === host)!;

  function execute(request: Request): Reply {
    const { name, script, keys, args } = request;
    return db.step(() => (script === undefined ? db.command(name, args) : scripts.run(script, keys, args)));
  }

  function answer(wire: Wire, call: Call): void {
    let reply: Reply;
    try {
      reply = execute(call.request);
    } catch (error) {
      call.reject(error as Error);
      return;
    }
    if (time.now() - call.at >= LATE_MS) linkOf(wire.host).wasTroubled = true;
    world.onExecuted({ host: wire.host, request: call.request, reply, isHeard: true });
    call.resolve(reply);
  }

  /** Breaks connections. Calls that wait on these connections fail, and Redis never executes them. */
  function reset(link: Link, wires: readonly Wire[], awayMs = RECONNECT_MS): void {
    const calls = wires.flatMap((wire) => wire.calls.splice(0));
    for (const wire of wires) wire.isAway = true;
    link.calmAt = Number.POSITIVE_INFINITY;
    link.wasTroubled = true;
    link.wasAway = true;
    time.as(link.host, () => {
      for (const call of calls) call.reject(lost());
      setTimeout(() => {
        for (const wire of wires) wire.isAway = false;
        link.calmAt = time.now() + link.leaseMs;
        for (const listener of [...link.onReturn, ...link.onReady]) listener();
      }, awayMs);
    });
  }

  function resetAll(awayMs?: number): void {
    for (const link of links) {
      if (link.host.isDead) continue;
      link.messages = [];
      reset(link, link.wires, awayMs);
    }
  }

  function connect(host: Host, leaseMs: number): RedisConnection {
    const link: Link = {
      host,
      options: undefined as never,
      wires: [],
      subscriptions: new Map(),
      messages: [],
      leaseMs,
      calmAt: time.now(),
      wasAway: false,
      wasTroubled: false,
      onReturn: new Set(),
      onReady: new Set(),
    };
    link.options = messageOptions(link);
    links.push(link);
    const wire = (name: string): Send => {
      const made: Wire = { host, name, calls: [], isAway: false, options: undefined as never };
      made.options = callOptions(link, made);
      link.wires.push(made);
      return (request) =>
        new Promise<Reply>((resolve, reject) => {
          if (made.isAway) reject(lost());
          else if (!host.isDead) made.calls.push({ request, at: time.now(), resolve, reject });
        });
    };
    const [toCommands, toPages, toBulk] = [wire(''), wire(' pages'), wire(' bulk')];
    const text = (send: Send) => createClient(send) as unknown as RedisClient;
    const buffers = (send: Send) => createClient(send, { asBuffers: true }) as unknown as RedisClient;
    const within = createDeadlines(time);
    const call = <T>(promise: Promise<T>) => within(promise);
    const bells: BellClient = {
      async sSubscribe(channel, onMessage) {
        await confirm('SSUBSCRIBE', channel);
        link.subscriptions.set(channel, (link.subscriptions.get(channel) ?? new Set()).add(onMessage));
      },
      async sUnsubscribe(channel, onMessage) {
        await confirm('SUNSUBSCRIBE', channel);
        link.subscriptions.get(channel)?.delete(onMessage);
        if (link.subscriptions.get(channel)?.size === 0) link.subscriptions.delete(channel);
      },
      subscribe: (channel, onMessage) => bells.sSubscribe(channel, onMessage),
      onReady: (listener) => void link.onReady.add(listener),
      destroy: () => {},
    };
    const commands = text(toCommands);
    const confirm = (name: string, channel: string) => commands.exists(`${name} ${channel}`);
    return {
      commands,
      pages: buffers(toPages),
      bulk: buffers(toBulk),
      bulkText: text(toBulk),
      bells,
      isCluster: false,
      call,
      callBulk: call,
      masters: async () => [commands],
      bulkMasters: async () => [text(toBulk)],
      isCalm: () => time.now() >= link.calmAt,
      readiness: async () => null,
      wasAway: () => link.wasAway && time.now() < link.calmAt,
      onReconnect: (listener: () => void) => void link.onReturn.add(listener),
      close: () => {},
    };
  }

  /** What may happen to the next call of a connection. The options are created once per connection, because this makes each step faster. */
  function callOptions(link: Link, wire: Wire): { ordinary: Option; faults: Option[] } {
    const actor = link.host.name;
    const option = (kind: Option['kind'], suffix: string, run: () => void): Option => ({
      get label() {
        return `${actor}${wire.name} ${describe(wire.calls[0]!.request)}${suffix}`;
      },
      kind,
      actor,
      run,
    });
    return {
      ordinary: option('step', '', () => answer(wire, wire.calls.shift()!)),
      faults: [
        option('fault', ' · reply lost', () => {
          const { request, reject } = wire.calls.shift()!;
          try {
            world.onExecuted({ host: link.host, request, reply: execute(request), isHeard: false });
          } catch {
            // the reply is lost in any case
          }
          reject(lost());
          reset(link, [wire]);
        }),
        option('fault', ' · never arrives', () => reset(link, [wire])),
      ],
    };
  }

  /** What may happen to the next message that Redis has published. */
  function messageOptions(link: Link): { ordinary: Option; faults: Option[] } {
    const actor = link.host.name;
    const hear = () => {
      const { channel, message } = link.messages.shift()!;
      time.as(link.host, () => {
        for (const onMessage of link.subscriptions.get(channel) ?? [])
          onMessage(Buffer.from(message, 'latin1'), Buffer.from(channel));
      });
    };
    return {
      ordinary: {
        get label() {
          return `${actor} hears ${link.messages[0]!.channel}`;
        },
        kind: 'step',
        actor,
        run: hear,
      },
      faults: [{ label: `${actor} misses a message`, kind: 'fault', actor, run: () => void link.messages.shift() }],
    };
  }

  const world: World = {
    db,
    connect,
    onExecuted: () => {},
    options(withFaults) {
      const options: Option[] = [];
      const faults: Option[] = [];
      const add = (made: { ordinary: Option; faults: Option[] }) => {
        options.push(made.ordinary);
        if (withFaults) faults.push(...made.faults);
      };
      for (const link of links) {
        if (!isRunning(link)) continue;
        for (const wire of link.wires) if (wire.calls.length > 0) add(wire.options);
        if (link.messages.length > 0) add(link.options);
      }
      options.push(...faults);
      return options;
    },
    isUntroubled(host) {
      const link = linkOf(host);
      const late = time.now() - LATE_MS;
      return !link.wasTroubled && !link.wires.some(({ calls }) => calls[0] !== undefined && calls[0].at <= late);
    },
    get isAway() {
      return links.some((link) => !link.host.isDead && link.wires.some(({ isAway }) => isAway));
    },
    get pending() {
      let count = 0;
      for (const link of links) {
        if (!isRunning(link)) continue;
        if (link.messages.length > 0) count += 1;
        for (const wire of link.wires) if (wire.calls.length > 0) count += 1;
      }
      return count;
    },
    answerIdle() {
      let wasIdle = false;
      for (const link of links) {
        if (!isRunning(link)) continue;
        for (const wire of link.wires) {
          const [call] = wire.calls;
          if (call === undefined || !isIdle(call.request)) continue;
          wasIdle = true;
          answer(wire, wire.calls.shift()!);
        }
      }
      return wasIdle;
    },
    leave: resetAll,
    kill(host) {
      time.end(host);
      for (const link of links) {
        if (link.host !== host) continue;
        for (const wire of link.wires) wire.calls = [];
        link.messages = [];
        link.subscriptions.clear();
      }
    },
    restart(lostSteps) {
      const steps = db.forget(lostSteps);
      resetAll();
      return steps;
    },
  };

  function isIdle({ name, args }: Request): boolean {
    if (name === 'TIME') return true;
    return name === 'ZRANGE' && args[0] === ACTIVE_STREAMS && (db.command(name, args) as []).length === 0;
  }

  return world;
}

/** Gives every call a deadline. All calls share one timer, because most calls are answered long before their deadline. */
function createDeadlines(time: VirtualTime) {
  const underWay: { until: number; isAnswered: boolean; reject(error: Error): void }[] = [];
  let isArmed = false;

  function arm(): void {
    while (underWay[0]?.isAnswered) underWay.shift();
    const [first] = underWay;
    if (isArmed || first === undefined) return;
    isArmed = true;
    setTimeout(() => {
      isArmed = false;
      for (const late of underWay) {
        if (late.isAnswered || late.until > time.now()) continue;
        late.isAnswered = true;
        late.reject(new StoreUnavailable('no answer in time'));
      }
      arm();
    }, first.until - time.now());
  }

  return <T>(promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const entry = { until: time.now() + CALL_DEADLINE_MS, isAnswered: false, reject };
      underWay.push(entry);
      arm();
      void promise.then(resolve, reject).finally(() => (entry.isAnswered = true));
    });
}

const isRunning = ({ host }: Link): boolean => !host.isDead && host.frozen === null;
const lost = () => new StoreUnavailable('the connection was lost');

/** A cache of shortened keys. It is kept between runs, because all runs use the same keys. */
const shortKeys = new Map<string, string>();

/** A call as a story shows it: its name and its first key, or the position of an append. */
function describe({ name, script, keys, args }: Request): string {
  if (name === 'append') return `append at ${args[2]} (${args[3]} bytes)`;
  const [key = ''] = script === undefined ? args : keys;
  let short = shortKeys.get(key);
  if (short === undefined) shortKeys.set(key, (short = key.replace(/([a-z2-7]{4})[a-z2-7]{22}/, '$1…')));
  return `${name} ${short}`;
}
