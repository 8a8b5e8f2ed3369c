import { setImmediate as nextTurn } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pause } from '../../../scripts/shared/wait.ts';
import { parseEventId, type EventId } from '../../../shared/stream/event-id.ts';
import type { Chunk } from '../../../shared/stream/fold.ts';
import type { Model } from '../../models/model.ts';
import { createMemoryChatStore } from '../../store/chats/memory-chat-store.ts';
import { createMemoryStreamStore } from '../../store/streams/memory-stream-store.ts';
import { createRedisChatStore } from '../../store/chats/redis-chat-store.ts';
import type { RedisConnection } from '../../store/redis/redis-connection.ts';
import { createRedisStreamStore } from '../../store/streams/redis-stream-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import { openManager } from '../../../testing/open-manager.ts';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { createRandom, randomText, type Random } from '../../../testing/random.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import { checkWholeLog } from '../../../testing/whole-log.ts';
import { serveReader, type ReaderEnd, type Sink } from './reader.ts';
import type { StreamManager } from '../stream-manager.ts';

const LEASE_MS = 60_000;
const DELTAS = 320;
const USER = 'user_1';

/**
 * Sends texts in many writing systems. The deltas belong alternately to the text and to the reasoning, so that no two deltas are
 * joined into one frame. `rest` is a pause after each delta.
 */
const createBabel = ({ seed, rest }: { seed: number; rest?: (random: Random) => Promise<unknown> }): Model => ({
  servedBy: 'babel',
  continuation: 'exact',
  async *stream(): AsyncGenerator<Chunk> {
    const random = createRandom(seed);
    yield { type: 'start-step' };
    yield { type: 'text-start', id: 'a' };
    yield { type: 'reasoning-start', id: 'b' };
    for (let i = 0; i < DELTAS; i++) {
      const delta = `${i} ${randomText(random, random.int(1, 6))}`;
      yield i % 2 ? { type: 'text-delta', id: 'a', delta } : { type: 'reasoning-delta', id: 'b', delta };
      if (rest) await rest(random);
    }
    yield { type: 'text-end', id: 'a' };
    yield { type: 'reasoning-end', id: 'b' };
    yield { type: 'finish-step' };
    yield { type: 'finish', finishReason: 'stop' };
  },
});

async function start(manager: StreamManager): Promise<string> {
  const { answer } = await manager.start(USER, {
    chatId: randomId('chat'),
    messageId: randomId('m'),
    modelId: 'babel',
    messages: [{ role: 'user', content: 'Speak.' }],
  });
  return answer.streamId;
}

const ended = (manager: StreamManager, streamId: string) => manager.left(streamId);

async function wholeLog(store: StreamStore, streamId: string): Promise<Buffer> {
  const page = await store.read(streamId, 0, 1 << 24);
  if (typeof page === 'string') throw new Error(`the stream is ${page}`);
  return page.bytes;
}

/** A connection that is lost after `limit` bytes. If `wait` is set, the connection is full after each write until `wait` resolves. */
function createSink({ limit = Infinity, wait }: { limit?: number; wait?: () => Promise<unknown> } = {}) {
  const received: Buffer[] = [];
  let left = limit;
  let isClosed = false;
  let onClose: (() => void) | null = null;
  const sink: Sink = {
    write(frames) {
      if (isClosed) return false;
      received.push(frames.subarray(0, left));
      left -= Math.min(left, frames.length);
      if (left === 0) {
        isClosed = true;
        onClose?.();
      }
      return wait === undefined && !isClosed;
    },
    async drained() {
      if (!isClosed) await wait?.();
    },
    get isClosed() {
      return isClosed;
    },
    onClose(listener) {
      onClose = listener;
      if (isClosed) listener?.();
    },
  };
  return { sink, bytes: () => Buffer.concat(received) };
}

/**
 * Does for one reader what the resume endpoint does. `after`: the event id that the reader sends, `null` for none. Resolves to
 * `nothing` if the reader already had everything.
 */
async function serve(
  { manager, store, streamId }: { manager: StreamManager; store: StreamStore; streamId: string },
  after: EventId | null,
  sink: Sink,
): Promise<ReaderEnd | 'nothing'> {
  const { from, isReset, isAtEnd } = await manager.open(USER, streamId, after);
  if (isReset) throw new Error('the reader was sent back to the beginning');
  if (isAtEnd) return 'nothing';
  return serveReader({ store, streams: manager.streams, streamId, sink, from, after, patienceMs: 5000 });
}

/** Acts as a browser: parses the bytes of a connection, and remembers the id of the last complete event. */
function createBrowser(lastEventId: EventId | null = null) {
  let events = 0;
  let isDone = false;
  const parser = createParser({
    onEvent({ id, data }) {
      lastEventId = parseEventId(id!);
      events += 1;
      isDone = data === '[DONE]';
    },
  });
  const decoder = new TextDecoder();
  return {
    receive: (bytes: Buffer) => parser.feed(decoder.decode(bytes, { stream: true })),
    get lastEventId() {
      return lastEventId;
    },
    get events() {
      return events;
    },
    get isDone() {
      return isDone;
    },
  };
}

describe('a log that has ended', () => {
  test('gives exactly the missing bytes to a reader that was cut at any byte and resumes after the last id it received', async () => {
    const store = createMemoryStreamStore({ leaseMs: LEASE_MS, ttlMs: 60_000, maxBytes: 1 << 24 });
    const manager = openManager({
      store,
      chats: createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 20 }),
      model: createBabel({ seed: 1 }),
    });
    const streamId = await start(manager);
    await ended(manager, streamId);
    const log = await wholeLog(store, streamId);
    const { frames, text } = checkWholeLog(log);
    expect(frames.length).toBeGreaterThan(300);
    expect(Buffer.byteLength(text)).toBeGreaterThan(text.length);

    const browser = createBrowser();
    for (let cut = 0; cut <= log.length; cut++) {
      if (cut > 0) browser.receive(log.subarray(cut - 1, cut));
      const after = browser.lastEventId;
      const position = after?.position ?? 0;
      const { sink, bytes } = createSink();
      const end = await serve({ manager, store, streamId }, after, sink);
      const isExact = end === (position === log.length ? 'nothing' : 'done') && bytes().equals(log.subarray(position));
      if (position > cut || !isExact) throw new Error(`cut at byte ${cut}: wrong bytes after resuming`);
    }
    expect(browser.events).toBe(frames.length);
  });
});

describe('a log that is being written', () => {
  let redis: RedisConnection;
  let another: RedisConnection;
  beforeAll(async () => {
    const options = { database: DATABASES.manager, leaseMs: LEASE_MS };
    [redis, another] = await Promise.all([openRedis(options), openRedis(options)]);
  });
  afterAll(() => {
    redis.close();
    another.close();
  });

  /** Where the stream is written and read: in memory, in one process with Redis, or in two processes. */
  function openSetting(name: 'memory' | 'one process' | 'two processes', model: Model) {
    const times = { leaseMs: LEASE_MS, ttlMs: 60_000 };
    const overRedis = (connection: RedisConnection) => {
      const store = createRedisStreamStore({ redis: connection, owner: randomId('owner'), ...times });
      const chats = createRedisChatStore({ redis: connection, ttlMs: 60_000 });
      return { store, manager: openManager({ store, chats, model }) };
    };
    if (name === 'memory') {
      const store = createMemoryStreamStore({ ...times, maxBytes: 1 << 24 });
      const chats = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 20 });
      const process = { store, manager: openManager({ store, chats, model }) };
      return { writer: process, reader: process };
    }
    const writer = overRedis(redis);
    return { writer, reader: name === 'one process' ? writer : overRedis(another) };
  }

  test.each(['memory', 'one process', 'two processes'] as const)(
    'gives each of its readers the whole log, even if they are slow and are cut anywhere (%s)',
    async (name) => {
      const model = createBabel({
        seed: 2,
        rest: (random) => (random.chance(0.3) ? pause(random.int(0, 12)) : nextTurn()),
      });
      const { writer, reader } = openSetting(name, model);
      const streamId = await start(writer.manager);

      const readers = Array.from({ length: 25 }, async (_, seed) => {
        const random = createRandom(100 + seed);
        const kept: Buffer[] = [];
        let after: EventId | null = null;
        for (let connections = 1; ; connections++) {
          const { sink, bytes } = createSink({
            limit: random.pick([1, 60, 400, 4000]) * random.int(1, 3),
            wait: random.chance(0.3) ? () => pause(random.int(0, 15)) : undefined,
          });
          const end = await serve({ ...reader, streamId }, after, sink);
          const browser = createBrowser(after);
          browser.receive(bytes());
          // The browser drops an incomplete event: its next connection begins after the last complete event.
          const { lastEventId } = browser;
          kept.push(bytes().subarray(0, (lastEventId?.position ?? 0) - (after?.position ?? 0)));
          after = lastEventId;
          if (browser.isDone) return { log: Buffer.concat(kept), connections };
          // A connection can be lost during the last bytes. The server has then written everything, and serving ends with `done`.
          expect(['left', 'done']).toContain(end);
        }
      });
      const results = await Promise.all(readers);
      await ended(writer.manager, streamId);
      const log = await wholeLog(writer.store, streamId);
      checkWholeLog(log);
      for (const result of results) expect(result.log.equals(log)).toBe(true);
      expect(results.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThan(200);
    },
  );
});
