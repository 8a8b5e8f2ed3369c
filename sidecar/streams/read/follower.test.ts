import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RedisConnection } from '../../store/redis/redis-connection.ts';
import { createRedisStreamStore } from '../../store/streams/redis-stream-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { framesOf, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { createFollower, type Follower } from './follower.ts';
import { createLiveLog, type LiveReader } from '../log/live-log.ts';
import type { LocalStream } from './local-stream.ts';
import { createLocalStreams } from './local-streams.ts';

let ownerRedis: RedisConnection;
let redis: RedisConnection;
let owner: StreamStore;
let store: StreamStore;
const followers: Follower[] = [];
const LEASE_MS = 60_000;

beforeAll(async () => {
  const database = DATABASES.follower;
  [ownerRedis, redis] = await Promise.all([openRedis({ database }), openRedis({ database })]);
  owner = createRedisStreamStore({ redis: ownerRedis, owner: 'owner', leaseMs: LEASE_MS, ttlMs: LEASE_MS });
  store = createRedisStreamStore({ redis, owner: 'follower', leaseMs: LEASE_MS, ttlMs: LEASE_MS });
});
afterEach(() => followers.splice(0).forEach((follower) => follower.stop()));
afterAll(() => [ownerRedis, redis].forEach((connection) => connection.close()));

/** Creates a stream that `owner` writes, and a follower with readers of that stream. `given`: what the readers got. */
async function followed({ readers, delayMs }: { readers: number; delayMs: number }) {
  const stream = sampleStream();
  const { streamId, epoch } = stream;
  await owner.create(stream);
  let position = stream.frames.length;
  const local: LocalStream = {
    streamId,
    userId: stream.facts.userId,
    live: createLiveLog(position, { epoch, position }),
    base: 0,
  };
  const given: string[] = [];
  const reader = (): LiveReader => ({ deliver: (bytes) => given.push(bytes.toString()) > 0, release: () => {} });
  for (let i = 0; i < readers; i++) local.live.join(reader());
  const read = vi.spyOn(store, 'read');
  const gathering = { delayMs, tally: vi.fn() };
  let hear: (frames: Buffer) => void = () => {};
  let lost = 0;
  const listen = vi.spyOn(store, 'listen').mockImplementationOnce((id, onBell) => {
    hear = onBell;
    listen.mockRestore();
    return store.listen(id, (frames) => {
      if (lost > 0) return void (lost -= 1);
      onBell(frames);
    });
  });
  followers.push(
    createFollower({ store, stream: local, gathering, leaseMs: LEASE_MS, telemetry: { followed() {} }, onLapsed() {} }),
  );
  await vi.waitFor(() => expect(read).toHaveBeenCalled()); // the follower has subscribed to the notifications
  await vi.waitFor(() => expect(read.mock.settledResults.at(-1)?.type).toBe('fulfilled'));
  read.mockClear();
  return {
    local,
    given,
    read,
    gathering,
    /** Gives the follower a notification. */
    hear: (frames: Buffer) => hear(frames),
    /** The next `count` notifications do not reach the follower. */
    lose: (count: number) => void (lost = count),
    async append(text: string) {
      const bytes = framesOf([textDelta(text)], epoch, position);
      expect(await owner.append([{ streamId, epoch, position, bytes }])).toEqual([
        { what: 'appended', length: position + bytes.length },
      ]);
      position += bytes.length;
      return bytes.toString();
    },
  };
}

describe('a follower', () => {
  test('shows the frames of every notification without a read if the delay is 0', async () => {
    const { append, given, gathering, read } = await followed({ readers: 1, delayMs: 0 });
    const first = await append('one');
    await vi.waitFor(() => expect(given).toEqual([first]));
    const second = await append('two');
    await vi.waitFor(() => expect(given).toEqual([first, second]));
    expect(read).not.toHaveBeenCalled();
    // The follower counts work only for its second reader and further ones.
    expect(gathering.tally.mock.calls.flat().every((work) => work === 0)).toBe(true);
  });

  test('writes the frames of all notifications within the delay at once', async () => {
    const delayMs = 300;
    const { append, given, read, gathering } = await followed({ readers: 11, delayMs });
    const rungAt = performance.now();
    const all = [await append('one'), await append('two'), await append('three')].join('');
    await vi.waitFor(() => expect(gathering.tally).toHaveBeenCalledTimes(3));
    expect(performance.now() - rungAt).toBeLessThan(delayMs); // otherwise this run proves nothing
    await vi.waitFor(() => expect(given).toEqual(Array<string>(11).fill(all)));
    expect(read).not.toHaveBeenCalled();
    expect(gathering.tally.mock.calls).toEqual([[1], [1], [1]]);
  });

  test('reads what is missing if a notification was lost', async () => {
    const { append, given, read, lose } = await followed({ readers: 1, delayMs: 0 });
    lose(1);
    const both = (await append('lost')) + (await append('heard'));
    await vi.waitFor(() => expect(given.join('')).toBe(both));
    const reads = read.mock.calls.length;
    expect(reads).toBeGreaterThan(0);
    const third = await append('heard, too');
    await vi.waitFor(() => expect(given.join('')).toBe(both + third));
    expect(read).toHaveBeenCalledTimes(reads);
  });

  test('shows the notifications before a lost one, and reads the rest', async () => {
    const { append, given, gathering, lose } = await followed({ readers: 1, delayMs: 200 });
    const first = await append('heard');
    await vi.waitFor(() => expect(gathering.tally).toHaveBeenCalledTimes(1));
    lose(1);
    const rest = (await append('lost')) + (await append('heard, too'));
    await vi.waitFor(() => expect(given).toEqual([first, rest]));
  });

  test('shows frames once if their notification comes twice, and reads nothing', async () => {
    const { append, given, read, hear } = await followed({ readers: 1, delayMs: 0 });
    const first = await append('one');
    await vi.waitFor(() => expect(given).toEqual([first]));
    hear(Buffer.from(first));
    expect(given).toEqual([first]);
    expect(read).not.toHaveBeenCalled();
  });

  test('reads the log instead of showing frames of another epoch', async () => {
    const { append, given, local, read, hear } = await followed({ readers: 1, delayMs: 0 });
    hear(framesOf([textDelta('of another epoch')], '7zzzz', local.live.end));
    expect(given).toEqual([]);
    await vi.waitFor(() => expect(read).toHaveBeenCalled());
    const first = await append('one');
    await vi.waitFor(() => expect(given).toEqual([first]));
  });

  test('reads an append that is too large for a notification', async () => {
    const { append, given, read } = await followed({ readers: 1, delayMs: 0 });
    const large = await append('x'.repeat(16 * 1024));
    await vi.waitFor(() => expect(given).toEqual([large]));
    expect(read).toHaveBeenCalled();
  });

  test('does not repeat bytes that a takeover showed while the follower was reading', async () => {
    const { append, given, local, read, hear } = await followed({ readers: 1, delayMs: 0 });
    let hold = () => {};
    const held = new Promise<void>((resolve) => void (hold = resolve));
    read.mockImplementationOnce(async (...args) => {
      const page = await owner.read(...args);
      await held;
      return page;
    });
    hear(Buffer.alloc(0));
    expect(read).toHaveBeenCalled();
    const first = await append('one');
    local.live.push(Buffer.from(first));
    local.live.show(local.live.end);
    hold();
    const second = await append('two');
    await vi.waitFor(() => expect(given.join('')).toContain('two'));
    expect(given).toEqual([first, second]);
  });

  test('that was stopped reads nothing more', async () => {
    const { append, given, read, gathering } = await followed({ readers: 2, delayMs: 50 });
    await append('one');
    await vi.waitFor(() => expect(gathering.tally).toHaveBeenCalled());
    followers.splice(0).forEach((follower) => follower.stop());
    await delay(150);
    expect(read).not.toHaveBeenCalled();
    expect(given).toEqual([]);
  });

  test('stops reading when its own process takes over, even if readers came and went during an earlier takeover that failed', async () => {
    const stream = sampleStream();
    const { streamId, epoch } = stream;
    await owner.create(stream);
    const position = stream.frames.length;
    const place = { userId: stream.facts.userId, base: 0, position, id: { epoch, position } };
    const gathering = { delayMs: 0, tally() {}, stop() {} };
    const streams = createLocalStreams({
      store,
      leaseMs: LEASE_MS,
      gathering,
      telemetry: { followed() {} },
      onLapsed() {},
    });
    streams.follow(streamId, place);
    const leave = streams.enter(streamId);
    streams.halt(streamId);
    leave();
    streams.follow(streamId, place);
    streams.enter(streamId);
    streams.unhalt(streamId);

    const { live } = streams.own(streamId, place);
    const read = vi.spyOn(store, 'read');
    const bytes = framesOf([textDelta('one')], epoch, position);
    await owner.append([{ streamId, epoch, position, bytes }]);
    await delay(150);
    expect(read).not.toHaveBeenCalled();
    expect(live.end).toBe(position);
    streams.stop();
  });
});
