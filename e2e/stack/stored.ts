import { createClient, RESP_TYPES } from 'redis';
import { logKey, metaKey, stateKey } from '../../sidecar/store/redis/keys.ts';
import { unpackLog } from '../../sidecar/store/streams/packed-log.ts';
import { checkWholeLog, type WholeLog } from '../../testing/whole-log.ts';
import { expect } from './test.ts';
import type { Stack } from './start-stack.ts';
import { streamCopySchema } from '../../testing/stream-copy.ts';

/** The output of `redis-cli keys`, sorted. */
export const storedKeys = async (stack: Stack, pattern: string): Promise<string[]> =>
  (await withRedis(stack, (redis) => redis.keys(pattern))).sort();

/** The `status` in `redis-cli get stream:<id>`; `null` if there is no such stream. */
export async function storedStatus(stack: Stack, streamId: string): Promise<string | null> {
  const copy = await withRedis(stack, (redis) => redis.get(stateKey(streamId)));
  return copy === null ? null : streamCopySchema.parse(JSON.parse(copy)).status;
}

/** The text of the stream's log so far. */
export const storedLog = (stack: Stack, streamId: string): Promise<string> =>
  withRedis(stack, async (redis) => {
    const binary = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const [log, state, index] = await Promise.all([
      binary.get(logKey(streamId)),
      binary.get(stateKey(streamId)),
      redis.hGet(metaKey(streamId), 'packed'),
    ]);
    if (log === null || index === null) return String(log ?? '');
    return String(unpackLog(log, index, state ?? Buffer.alloc(0)));
  });

/** Waits until the stream has ended, by looking only into Redis. Returns what {@link checkWholeLog} finds in the stream's log. */
export async function storedAnswer(stack: Stack, streamId: string, { withinMs = 30_000 } = {}): Promise<WholeLog> {
  const status = expect.poll(() => storedStatus(stack, streamId), { timeout: withinMs, intervals: [100] });
  await status.toMatch(/completed|error|cancelled/);
  return checkWholeLog(Buffer.from(await storedLog(stack, streamId)));
}

/** The handler of the error event does nothing, because commands reject if Redis is away. */
const connect = (url: string) =>
  createClient({ url })
    .on('error', () => {})
    .connect();

async function withRedis<Result>(
  { redisUrl }: Stack,
  ask: (redis: Awaited<ReturnType<typeof connect>>) => Promise<Result>,
): Promise<Result> {
  if (redisUrl === null) throw new Error('this stack has no Redis');
  const redis = await connect(redisUrl);
  try {
    return await ask(redis);
  } finally {
    redis.destroy();
  }
}
