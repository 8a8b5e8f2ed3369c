import { SCRIPTS } from '../../sidecar/store/redis/scripts.ts';
import type { Reply } from './database.ts';

/** One call of a command or script. Each character of a string is one byte (Latin-1). */
export interface Request {
  /** A command (`HGETALL`), or the name of a script (`append`). */
  name: string;
  /** The script's source; left out for a command. */
  script?: string;
  keys: readonly string[];
  args: readonly string[];
}

export type Send = (request: Request) => Promise<Reply>;

type Argument = string | number | Buffer;

/** A client with the commands of node-redis that the stores use. Sends them with `send`. `asBuffers`: returns strings as Buffers. */
export function createClient(send: Send, { asBuffers = false } = {}): Record<string, unknown> {
  const decode = (reply: Reply): unknown => {
    if (typeof reply === 'string') {
      if (!asBuffers && isAscii(reply)) return reply;
      const bytes = Buffer.from(reply, 'latin1');
      return asBuffers ? bytes : bytes.toString();
    }
    return Array.isArray(reply) ? reply.map(decode) : reply;
  };
  const command = async (name: string, ...args: Argument[]): Promise<unknown> =>
    decode(await send({ name, keys: [], args: args.map(latin1) }));
  const pairs = (flat: unknown): Record<string, string> =>
    Object.fromEntries((flat as string[]).flatMap((value, i, all) => (i % 2 === 0 ? [[value, all[i + 1]!]] : [])));
  const list = (value: Argument | readonly Argument[]): readonly Argument[] =>
    Array.isArray(value) ? value : [value as Argument];

  const scripts = Object.fromEntries(
    Object.entries(SCRIPTS).map(([name, { SCRIPT }]) => [
      name,
      async (keys: readonly Argument[], args: readonly Argument[]) =>
        decode(await send({ name, script: SCRIPT, keys: keys.map(latin1), args: args.map(latin1) })),
    ]),
  );

  return {
    ...scripts,
    get: (key: string) => command('GET', key),
    getRange: (key: string, from: number, to: number) => command('GETRANGE', key, from, to),
    strLen: (key: string) => command('STRLEN', key),
    set: (
      key: string,
      value: Argument,
      options?: { condition?: string; expiration?: { type: string; value: number } },
    ) =>
      command(
        'SET',
        key,
        value,
        ...(options?.condition ? [options.condition] : []),
        ...(options?.expiration ? [options.expiration.type, options.expiration.value] : []),
      ),
    hGet: (key: string, field: string) => command('HGET', key, field),
    hmGet: (key: string, fields: readonly string[]) => command('HMGET', key, ...fields),
    hGetAll: async (key: string) => pairs(await command('HGETALL', key)),
    hSet: (key: string, fields: Record<string, Argument>) => command('HSET', key, ...Object.entries(fields).flat()),
    hExists: async (key: string, field: string) => (await command('HEXISTS', key, field)) === 1,
    hDel: (key: string, fields: Argument | Argument[]) => command('HDEL', key, ...list(fields)),
    sAdd: (key: string, members: Argument | Argument[]) => command('SADD', key, ...list(members)),
    sRem: (key: string, members: Argument | Argument[]) => command('SREM', key, ...list(members)),
    sMembers: (key: string) => command('SMEMBERS', key),
    zAdd: (key: string, members: Scored | Scored[], { comparison }: { comparison?: 'GT' } = {}) =>
      command(
        'ZADD',
        key,
        ...(comparison ? [comparison] : []),
        ...[members].flat().flatMap(({ value, score }) => [score, value]),
      ),
    zRem: (key: string, members: Argument | Argument[]) => command('ZREM', key, ...list(members)),
    zRemRangeByScore: (key: string, min: Argument, max: Argument) => command('ZREMRANGEBYSCORE', key, min, max),
    zCard: (key: string) => command('ZCARD', key),
    zScore: async (key: string, member: string) => {
      const score = (await command('ZSCORE', key, member)) as string | null;
      return score === null ? null : Number(score);
    },
    zRange: (key: string, from: Argument, to: Argument, options: RangeOptions = {}) =>
      command('ZRANGE', key, from, to, ...rangeArgs(options)),
    zRangeWithScores: async (key: string, from: Argument, to: Argument, options: RangeOptions = {}) => {
      const flat = (await command('ZRANGE', key, from, to, ...rangeArgs(options), 'WITHSCORES')) as unknown[];
      return flat.flatMap((value, i) => (i % 2 === 0 ? [{ value, score: Number(flat[i + 1]) }] : []));
    },
    pExpire: (key: string, ms: number) => command('PEXPIRE', key, ms),
    pTTL: (key: string) => command('PTTL', key),
    del: (keys: Argument | Argument[]) => command('DEL', ...list(keys)),
    exists: (keys: Argument | Argument[]) => command('EXISTS', ...list(keys)),
    time: () => command('TIME'),
    publish: (channel: string, message: string) => command('PUBLISH', channel, message),
    scan: async (_cursor: string, { MATCH = '*' }: { MATCH?: string }) => ({
      cursor: '0',
      keys: await command('KEYS', MATCH),
    }),
    zScan: async (key: string) => ({
      cursor: '0',
      members: ((await command('ZRANGE', key, 0, -1)) as string[]).map((value) => ({ value, score: 0 })),
    }),
    scriptLoad: async () => '',
  };
}

interface Scored {
  value: string;
  score: number;
}

interface RangeOptions {
  BY?: 'SCORE';
  REV?: boolean;
  LIMIT?: { offset: number; count: number };
}

const rangeArgs = ({ BY, REV, LIMIT }: RangeOptions): Argument[] => [
  ...(BY ? ['BYSCORE'] : []),
  ...(REV ? ['REV'] : []),
  ...(LIMIT ? ['LIMIT', LIMIT.offset, LIMIT.count] : []),
];

function latin1(value: Argument): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return isAscii(value) ? value : Buffer.from(value).toString('latin1');
  return value.toString('latin1');
}

/** Most text here is ASCII. ASCII text is the same in Latin-1 and UTF-8, so it is not converted. */
const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);
