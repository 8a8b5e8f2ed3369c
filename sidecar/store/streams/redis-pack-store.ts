import { ENDED_STREAMS, logKey, metaKey, stateKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { BLOCK_BYTES, DICTIONARY_BYTES, formatIndex, packFrames, type PackedBlock } from './packed-log.ts';
import type { PackResult, PackStore } from './pack-store.ts';
import { isRunning, type MetaStatus } from './stream-store.ts';

const FRAME_END = Buffer.from('\n\n');
const NOTHING = Buffer.alloc(0);

export function createRedisPackStore({ redis, ttlMs }: { redis: RedisConnection; ttlMs: number }): PackStore {
  const { commands, bulk, call, callBulk } = redis;

  /** Reads the whole frames in the next {@link BLOCK_BYTES} bytes from `position` on. Reads more only if the first frame is larger. */
  async function readBlock(streamId: string, position: number): Promise<Buffer> {
    for (let size = BLOCK_BYTES; ; size *= 2) {
      const reply = bulk.getRange(logKey(streamId), position, position + size - 1);
      const bytes = (await callBulk(reply)) as unknown as Buffer;
      const end = bytes.lastIndexOf(FRAME_END);
      if (end !== -1 || bytes.length < size) return bytes.subarray(0, end === -1 ? 0 : end + FRAME_END.length);
    }
  }

  async function packAll(streamId: string, length: number, dictionary: Buffer): Promise<PackedBlock[] | null> {
    const blocks: PackedBlock[] = [];
    for (let position = 0; position < length;) {
      const frames = await readBlock(streamId, position);
      if (frames.length === 0) return null;
      const block = await packFrames(frames, position, dictionary);
      if (block === null) return null;
      blocks.push(block);
      position += block.bytes;
    }
    return blocks;
  }

  async function pack(streamId: string): Promise<PackResult> {
    const [status, epoch, packed] = await call(commands.hmGet(metaKey(streamId), ['status', 'epoch', 'packed']));
    if (status == null || status === 'deleted' || epoch == null || packed != null) return { what: 'nothing' };
    if (isRunning(status as MetaStatus)) return { what: 'nothing' };
    const length = await call(commands.strLen(logKey(streamId)));
    const isOneBlock = length <= BLOCK_BYTES;
    const dictionary = isOneBlock
      ? ((await callBulk(bulk.getRange(stateKey(streamId), -DICTIONARY_BYTES, -1))) as unknown as Buffer)
      : NOTHING;
    const blocks = await packAll(streamId, length, dictionary);
    if (blocks === null || (blocks.length === 1) !== isOneBlock) return { what: 'nothing' };
    const bytes = Buffer.concat(blocks.map((block) => block.packed));
    if (bytes.length >= length) return { what: 'nothing' };
    const isDone = await call(
      commands.pack(
        [stateKey(streamId), logKey(streamId), metaKey(streamId)],
        [epoch, String(length), bytes, formatIndex(blocks), dictionary],
      ),
    );
    return isDone === 1 ? { what: 'packed', bytes: length, packedBytes: bytes.length } : { what: 'again' };
  }

  return {
    async note(streamIds, afterMs) {
      if (streamIds.length === 0) return;
      // The set is kept until all streams in it have expired.
      await call(commands.noteEnded([ENDED_STREAMS], [String(afterMs), String(afterMs + 2 * ttlMs), ...streamIds]));
    },

    async take({ limit, retryMs, aheadMs }) {
      const args = [limit, retryMs, aheadMs].map(String);
      return (await call(commands.takeEnded([ENDED_STREAMS], args))) as string[];
    },

    async pack(streamId) {
      const result = await pack(streamId);
      if (result.what !== 'again') await call(commands.zRem(ENDED_STREAMS, streamId));
      return result;
    },
  };
}
