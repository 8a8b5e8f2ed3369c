import { parseEventId, type EventId } from '../../../shared/stream/event-id.ts';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { DONE } from '../../../shared/stream/frames.ts';

const FRAME_START = 'data: '.length;

/** The chunks in a sequence of whole frames, in order, without `[DONE]`. */
export function* chunksIn(frames: Buffer): Generator<Chunk> {
  const text = frames.toString();
  for (let at = 0; at < text.length;) {
    const dataEnd = text.indexOf('\n', at);
    const frameEnd = text.indexOf('\n\n', dataEnd);
    if (dataEnd === -1 || frameEnd === -1) return;
    const data = text.slice(at + FRAME_START, dataEnd);
    if (data !== DONE) yield JSON.parse(data) as Chunk;
    at = frameEnd + 2;
  }
}

const FRAME_END = Buffer.from('\n\n');

/** The number of bytes of `page` that are whole frames. */
export function wholeFrames(page: Buffer): number {
  const at = page.lastIndexOf(FRAME_END);
  return at === -1 ? 0 : at + FRAME_END.length;
}

const ID_MARK = Buffer.from('\nid: ');

/** The event id of the last frame in a sequence of whole frames. */
export function lastEventIdOf(frames: Buffer): EventId | null {
  const at = frames.lastIndexOf(ID_MARK);
  return at === -1
    ? null
    : parseEventId(frames.toString('latin1', at + ID_MARK.length, frames.length - FRAME_END.length));
}

const DONE_MARK = Buffer.from(`data: ${DONE}\n`);

export const endsWithDone = (frames: Buffer): boolean => frames.subarray(-96).includes(DONE_MARK);
