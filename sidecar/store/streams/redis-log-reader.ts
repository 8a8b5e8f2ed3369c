import { formatEventId, type EventId } from '../../../shared/stream/event-id.ts';
import { logKey, metaKey, stateKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { unpackFrames } from './packed-log.ts';
import type { MetaStatus, Page, StreamStore } from './stream-store.ts';

/** The reply of `read.lua` for a log that is not packed. */
type Plain = [number, number, Buffer, number, Buffer, Buffer, number, number, Buffer];
/**
 * The reply for a packed log contains the packed blocks instead of the page. It has three more values: the position of the first of
 * these blocks, the packed length of each block, and the dictionary.
 */
type Packed = [...Plain, number, Buffer, Buffer];

/** Reads logs in Redis, packed (PROTOCOL.md 8.7) or not. */
export function createLogReader({ pages, call }: Pick<RedisConnection, 'pages' | 'call'>): StreamStore['read'] {
  const read: StreamStore['read'] = async (streamId, from, maxBytes) => {
    const [position, epoch] =
      from === 'base' ? [-1, ''] : typeof from === 'number' ? [from, ''] : [from.position, from.epoch];
    const reply = (await call(
      pages.read(
        [logKey(streamId), metaKey(streamId), stateKey(streamId)],
        [String(position), epoch, String(maxBytes)],
      ),
    )) as Plain | Packed | [Buffer] | [];
    if (reply.length === 0) return 'gone';
    if (reply.length === 1) return 'deleted';
    const [onLog, at, bytes, length, status, pageEpoch, base, leaseLeftMs, userId] = reply;
    const page: Page = {
      onLog: onLog === 1,
      position: at,
      bytes,
      length,
      status: String(status) as MetaStatus,
      epoch: String(pageEpoch),
      base,
      leaseLeftMs,
      userId: String(userId),
    };
    if (!isPacked(reply)) return page;
    const start = from === 'base' ? base : position;
    const unpacked = await unpack(reply).catch(() => null);
    if (unpacked === null) return 'gone'; // Redis has evicted the log or its dictionary
    const { frames, begin } = unpacked;
    if (typeof from === 'object' && !endsWith(frames.subarray(0, start - begin), from)) {
      const again = await read(streamId, 'base', maxBytes);
      return typeof again === 'string' ? again : { ...again, onLog: false };
    }
    return {
      ...page,
      onLog: true,
      position: start,
      bytes: frames.subarray(Math.max(0, start - begin), Math.max(0, start - begin) + maxBytes),
    };
  };
  return read;
}

const isPacked = (reply: Plain | Packed): reply is Packed => reply.length > 9;

/** Unpacks the blocks of a reply. Returns the frames of these blocks, and the position at which the first frame begins. */
async function unpack(reply: Packed): Promise<{ frames: Buffer; begin: number }> {
  const [, , blocks, , , , , , , begin, sizes, dictionary] = reply;
  const frames: Buffer[] = [];
  let [position, at] = [begin, 0];
  for (const size of sizes.toString().match(/\d+/g)?.map(Number) ?? []) {
    const block = await unpackFrames(blocks.subarray(at, at + size), position, dictionary);
    frames.push(block);
    position += block.length;
    at += size;
  }
  return { frames: Buffer.concat(frames), begin };
}

const endsWith = (frames: Buffer, id: EventId): boolean =>
  frames
    .subarray(-96)
    .toString('latin1')
    .endsWith(`\nid: ${formatEventId(id)}\n\n`);
