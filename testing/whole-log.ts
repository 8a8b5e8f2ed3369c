import { createHash } from 'node:crypto';
import { parseEventId } from '../shared/stream/event-id.ts';
import { createFold, type Chunk } from '../shared/stream/fold.ts';
import { DONE } from '../shared/stream/frames.ts';
import type { Message } from '../shared/chat/messages.ts';
import { endProofSchema, type StreamOutcome } from '../shared/stream/stream.ts';

export interface Frame {
  data: string;
  id: string;
  epoch: string;
  /** Position after this frame. */
  position: number;
  bytes: number;
}

/** Parses whole frames, and skips comments between them. */
export function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\n\n', at) + 2;
    if (end < 2) throw new Error(`the frame that begins at byte ${at} is incomplete`);
    const text = bytes.toString('utf8', at, end);
    if (!text.startsWith(':')) frames.push(parseFrame(text, end - at));
    at = end;
  }
  return frames;
}

/** Removes the comments that keep a reader's connection alive. */
export const withoutComments = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(/(?<=^|\n\n):.*\n\n/g, ''), 'latin1');

function parseFrame(text: string, bytes: number): Frame {
  const [, data, id] = /^data: ([^\n]*)\nid: (\S+)\n\n$/.exec(text) ?? [];
  const place = parseEventId(id ?? '');
  if (data === undefined || place === null) throw new Error(`not a frame: ${text.slice(0, 80)}`);
  return { data, id: id!, epoch: place.epoch, position: place.position, bytes };
}

export const isDone = ({ data }: Frame): boolean => data === DONE;
export const chunkOf = ({ data }: Frame): Chunk => JSON.parse(data) as Chunk;

export interface WholeLog {
  frames: Frame[];
  chunks: Chunk[];
  message: Message;
  text: string;
  status: StreamOutcome;
  errorText: string | null;
}

/**
 * Checks what PROTOCOL.md 2 and 8 promise about a log: the position in each frame's id is right, there is exactly one end, and
 * the proof (the length and the SHA-256 in the `data-end` chunk) matches the bytes before that chunk. Throws at the first violation.
 */
export function checkWholeLog(received: Buffer): WholeLog {
  const log = withoutComments(received);
  const frames = framesIn(log);
  let position = 0;
  for (const frame of frames) {
    position += frame.bytes;
    if (frame.position !== position) throw new Error(`a frame ends at ${position}, its id says ${frame.position}`);
  }
  const ends = frames.filter(isDone);
  if (ends.length !== 1 || !isDone(frames.at(-1)!))
    throw new Error(`${ends.length} [DONE] frames; there must be one, as the last frame`);
  const chunks = frames.slice(0, -1).map(chunkOf);
  if (chunks[0]?.type !== 'start') throw new Error('the log does not begin with a start chunk');
  const finishes = chunks.filter(({ type }) => type === 'finish').length;
  if (finishes !== 1) throw new Error(`${finishes} finish chunks; there must be one`);

  const proofs = chunks.filter(({ type }) => type === 'data-end');
  if (proofs.length !== 1) throw new Error(`${proofs.length} proofs; there must be one`);
  const { status, bytes, sha256 } = endProofSchema.parse(proofs[0]!.data);
  const proofFrame = frames[chunks.indexOf(proofs[0]!)]!;
  const before = proofFrame.position - proofFrame.bytes;
  if (bytes !== before) throw new Error(`the proof counts ${bytes} bytes, there are ${before}`);
  const hash = createHash('sha256').update(log.subarray(0, before)).digest('hex');
  if (sha256 !== hash) throw new Error('the SHA-256 in the proof does not match the bytes before the proof');

  const fold = createFold('');
  for (const chunk of chunks) fold.take(chunk);
  if (fold.open.length > 0) throw new Error('a part of the message is still open at the end of the log');
  return { frames, chunks, message: fold.message, text: fold.text, status, errorText: fold.errorText };
}

const SEQUENCE_DIGITS = 6;

/**
 * Counts the synthetic model's deltas in `text`. Each delta has `chars` characters and begins with its number. Throws if a delta is
 * lost, repeated or out of order.
 */
export function countDeltas(text: string, chars: number): number {
  if (text.length % chars !== 0) throw new Error(`${text.length} characters are not whole deltas of ${chars}`);
  for (let at = 0; at < text.length; at += chars) {
    const sequence = Number.parseInt(text.slice(at, at + SEQUENCE_DIGITS), 36);
    if (sequence !== at / chars) throw new Error(`delta ${at / chars} begins with the number ${sequence}`);
  }
  return text.length / chars;
}
