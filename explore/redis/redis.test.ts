import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { randomId } from '../../testing/sample-stream.ts';
import { chatQueueSuite } from '../../sidecar/store/chats/chat-queue.suite.ts';
import { chatStoreSuite } from '../../sidecar/store/chats/chat-store.suite.ts';
import { createRedisChatStore } from '../../sidecar/store/chats/redis-chat-store.ts';
import { forkStoreSuite } from '../../sidecar/store/chats/forks/fork-store.suite.ts';
import { saidStoreSuite } from '../../sidecar/store/chats/said/said-store.suite.ts';
import { roomStoreSuite } from '../../sidecar/store/rooms/room-store.suite.ts';
import { admissionStoreSuite } from '../../sidecar/store/counts/admission-store.suite.ts';
import { createRedisAdmissionStore } from '../../sidecar/store/counts/redis-admission-store.ts';
import { logKey, metaKey, stateKey } from '../../sidecar/store/redis/keys.ts';
import { SCRIPTS } from '../../sidecar/store/redis/scripts.ts';
import { createRedisStreamStore } from '../../sidecar/store/streams/redis-stream-store.ts';
import { streamStoreSuite } from '../../sidecar/store/streams/stream-store.suite.ts';
import { createRandom } from '../random.ts';
import { CommandError, createDatabase } from './database.ts';
import { connectImmediately } from './immediate.ts';
import { compile } from './lua/compiler.ts';
import { createScriptRunner } from './lua/script-runner.ts';

function openExplored() {
  const db = createDatabase(Date.now);
  const scripts = createScriptRunner(db);
  return { db, connect: () => connectImmediately({ db, scripts }) };
}

// A real Redis passes the same suites. So when the explorer finds that a promise is broken, the fault is likely to be in the product,
// not in this imitation of Redis.
const { db, connect } = openExplored();
const [redis, another] = [connect(), connect()];
streamStoreSuite(
  "the explorer's Redis",
  async (settings) => ({
    store: createRedisStreamStore({ redis, owner: randomId('owner'), ...settings }),
    other: createRedisStreamStore({ redis: another, owner: randomId('owner'), ...settings }),
    lose: async (streamId) => void db.command('DEL', [stateKey(streamId), logKey(streamId), metaKey(streamId)]),
  }),
  ['takeover', 'loss', 'quiet-bells'],
);
chatStoreSuite("the explorer's Redis", async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));
chatQueueSuite("the explorer's Redis", async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));
forkStoreSuite("the explorer's Redis", async () => createRedisChatStore({ redis, ttlMs: 60_000 }));
roomStoreSuite("the explorer's Redis", async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));
saidStoreSuite("the explorer's Redis", async () => createRedisChatStore({ redis, ttlMs: 60_000 }));
admissionStoreSuite("the explorer's Redis", () => createRedisAdmissionStore({ redis }));

/** Small scripts that try the parts of Lua that the suites above do not try. */
const SNIPPETS = [
  `return {1, 'a', false, 'after nothing', nil, 'not answered'}`,
  `return {#'abc', #{1, 2, 3}, #ARGV, 7 / 2, -7 / 2, '3' * '2', '1' + 1}`,
  `return {tonumber('12'), tonumber(' 1e2 '), tonumber('x') or 'none', tonumber('') or 'none', tonumber(false) or 'none'}`,
  `return 1 .. '-' .. 1700000000000 .. '-' .. 6 / 2`,
  `local a, b = string.match('2k7f x', '^(%d+)(%S*)') return {a, b, string.match('none', '(%d+)$') or 'nil'}`,
  `local found = {} for a, b in string.gmatch('1:2 3:40', '(%d+):(%d+)') do found[#found + 1] = b .. a end return found`,
  `return {string.sub('abcdef', 2, 3), string.sub('abcdef', -2), string.sub('abc', 0, 9), string.find('a.c', '.', 1, true)}`,
  `local t = {} t[3] = 'z' t[2] = 'y' t[1] = 'x' return {#t, t[1], t[2], t[3]}`,
  `local t, seen = {}, {} t[1] = 'x' t[2] = 'y' seen['x'] = true t[2] = nil return {#t, seen['x'] and 1 or 0, seen['y'] or 'no'}`,
  `local n = 0 for i = 5, 1, -2 do n = n * 10 + i end for i = 1, 0 do n = -1 end return n`,
  `local function two() return 1, 2 end local a, b = two() local c = two() return {a, b, c, two()}`,
  `local i = 0 while true do i = i + 1 if i > 3 and not (i == 4) then break end end return {i, math.max(1, i), math.floor(-1.5)}`,
  `local a, b = 1, 2 a, b = b, a return {a, b, table.concat({1, 'x'}, ' '), unpack({5, 6})}`,
  `return {'a' < 'b' and 1 or 0, 2 >= 10 and 1 or 0, 1 == '1' and 1 or 0, '10' ~= '1' and 1 or 0}`,
  `local last = 'before' for _, v in ipairs({'p', false, 'q'}) do last = v end return last`,
  `return {redis.call('HGET', KEYS[1], 'missing'), redis.call('HMGET', KEYS[1], 'f', 'missing')}`,
  `local t = {1, 3} table.insert(t, 2, 2) local n = 0 repeat local last = n n = n + 1 until last == 2 return {n, unpack(t)}`,
  `local found = {} for word in string.gmatch('a bc', '%S+') do found[#found + 1] = word end return {#found, unpack(found)}`,
  `local t = {'a', 'b', 'c'} return {table.concat(t, ' ', 2), table.concat(t, ' ', math.max(1, -1)), table.concat(t, '', 3, 2)}`,
  `return {string.match('a b 1 2 c d', '^(%S+ %S+) %d+ %d+ (.*)$')}`,
  `return 1 < '2'`,
  `return {} .. 'x'`,
  `local t = nil return t[1]`,
  `return redis.call('HGET', 'text', 'f')`,
];

describe("the explorer's Redis", () => {
  const real = createClient({ url: `${inject('redisUrl')}/8` });
  beforeAll(async () => void (await real.connect()));
  afterAll(() => real.destroy());

  /** A random command on one of three keys. The value of the key may have a type that the command refuses. */
  function randomCommand(random: ReturnType<typeof createRandom>): [string, ...string[]] {
    const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
    const key = pick(['a', 'b', 'c']);
    const member = () => pick(['x', 'y', 'z', 'ü'.toString(), '']);
    const number = () => String(random.below(9) - 2);
    const at = () => String(random.below(12));
    return pick<() => [string, ...string[]]>([
      () => ['SET', key, member()],
      () => ['SET', key, member(), 'NX'],
      () => ['GET', key],
      () => ['APPEND', key, member()],
      () => ['STRLEN', key],
      () => ['GETRANGE', key, number(), number()],
      () => ['SETRANGE', key, at(), pick(['p', 'qq'])],
      () => [pick(['LPUSH', 'RPUSH']), key, member(), member()],
      () => [pick(['LPOP', 'LLEN']), key],
      () => ['LRANGE', key, '0', '-1'],
      () => ['LREM', key, '0', member()],
      () => ['HSET', key, member(), number()],
      () => ['HSETNX', key, member(), number()],
      () => ['HGET', key, member()],
      () => ['HMGET', key, member(), member()],
      () => ['HEXISTS', key, member()],
      () => ['HDEL', key, member(), member()],
      () => ['SADD', key, member(), member()],
      () => ['SREM', key, member()],
      () => ['SISMEMBER', key, member()],
      () => ['SCARD', key],
      () => ['ZADD', key, number(), member()],
      () => ['ZADD', key, 'GT', number(), member()],
      () => ['ZREM', key, member()],
      () => ['ZSCORE', key, member()],
      () => ['ZRANGE', key, number(), number()],
      () => ['ZRANGE', key, number(), number(), 'BYSCORE', 'LIMIT', '0', '2'],
      () => ['ZREMRANGEBYSCORE', key, '-inf', number()],
      () => ['RPUSH', key, member(), member()],
      () => ['LPUSH', key, member(), member()],
      () => ['LPOP', key],
      () => ['LLEN', key],
      () => ['LRANGE', key, number(), number()],
      () => ['LREM', key, '0', member()],
      () => ['DEL', key],
      () => ['EXISTS', key],
    ])();
  }

  test('gives the same replies as a real Redis to thousands of random commands', async () => {
    await real.flushDb();
    const { db } = openExplored();
    const random = createRandom(11);
    for (let i = 0; i < 4000; i++) {
      const command = randomCommand(random);
      const latin1 = command.slice(1).map((text) => Buffer.from(text).toString('latin1'));
      const theirs = await real.sendCommand(command).catch((error: Error) => error.message.split(' ')[0]);
      let ours: unknown;
      try {
        ours = db.command(command[0], latin1);
      } catch (error) {
        ours = (error as Error).message.split(' ')[0];
      }
      const text = (value: unknown): unknown =>
        typeof value === 'string'
          ? value
          : Array.isArray(value)
            ? value.map(text)
            : value === null
              ? null
              : String(value);
      const decoded = (value: unknown): unknown =>
        typeof value === 'string'
          ? Buffer.from(value, 'latin1').toString()
          : Array.isArray(value)
            ? value.map(decoded)
            : value;
      expect(text(decoded(ours)), `${i}: ${command.join(' ')}`).toEqual(text(theirs));
    }
  });

  test('runs small scripts with the same results and failures as a real Redis, and compiles all scripts of the product', async () => {
    await real.flushDb();
    const { db } = openExplored();
    const scripts = createScriptRunner(db);
    for (const [name, ...args] of [
      ['HSET', 'h', 'f', '1'],
      ['SET', 'text', 'x'],
    ] as const) {
      await real.sendCommand([name, ...args]);
      db.command(name, args);
    }
    for (const snippet of SNIPPETS) {
      const theirs = await real.sendCommand(['EVAL', snippet, '1', 'h', 'a', 'b']).catch(() => 'failed');
      let ours: unknown = 'failed';
      try {
        ours = scripts.run(snippet, ['h'], ['a', 'b']);
      } catch (error) {
        expect(error).toBeInstanceOf(CommandError);
      }
      expect(ours, snippet).toEqual(theirs);
    }
    for (const { SCRIPT } of Object.values(SCRIPTS)) expect(compile(SCRIPT)).toBeTypeOf('function');
  });
});
