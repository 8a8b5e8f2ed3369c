import { createFold } from '../shared/stream/fold.ts';
import { pause } from '../scripts/shared/wait.ts';
import type { Caller } from './caller.ts';
import { openReader, type RawReader, type ResponseEnd } from './raw-reader.ts';
import { chunkOf, framesIn, isDone, type Frame } from './whole-log.ts';

/** The result of a reader that always reconnects. */
export interface Loyalty {
  text: string;
  /**
   * All frames since the last reset, or since the first connection if there was no reset. The first of these frames begins at the
   * base, the position where the model's current attempt begins. If the base is 0, these frames are the whole log.
   */
  log: Buffer;
  /** Number of responses with the header `X-Stream-Reset`, which tells the reader to discard what it has. */
  resets: number;
  ends: ResponseEnd[];
  /** When each frame arrived, by `performance.now()`. */
  arrivals: { frame: Frame; atMs: number }[];
}

export interface LoyalReader {
  readonly text: string;
  readonly bytes: number;
  readonly ends: readonly ResponseEnd[];
  readonly arrivals: Loyalty['arrivals'];
  readonly finished: Promise<Loyalty>;
  leave(): void;
}

const RETRY_MS = 50;

/**
 * Reads a stream to its end. After every cut, the reader reconnects with its last event id. After a response with
 * `X-Stream-Reset`, the reader discards all earlier frames. `finished` rejects if the position in a frame's id is wrong. The reader
 * uses `callers` in turn, so that each new connection can go to another sidecar.
 */
export function followLoyally(callers: readonly Caller[], streamId: string): LoyalReader {
  const ends: ResponseEnd[] = [];
  const arrivals: Loyalty['arrivals'] = [];
  let frames: Buffer[] = [];
  let lastEventId: string | undefined;
  let position = 0;
  let resets = 0;
  let fold = createFold('');
  let current: RawReader | null = null;
  let hasLeft = false;

  function begin(): void {
    frames = [];
    lastEventId = undefined;
    position = -1; // unknown: the base may be at any position
    fold = createFold('');
  }

  /** Takes the whole frames in these bytes. True if `[DONE]` is among them. */
  function take(bytes: Buffer): boolean {
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n\n') + 2);
    if (whole.length === 0) return false;
    for (const frame of framesIn(whole)) {
      if (position !== -1 && frame.position !== position + frame.bytes)
        throw new Error(
          `the frame after byte ${position} has ${frame.bytes} bytes, but its id has the position ${frame.position}`,
        );
      position = frame.position;
      lastEventId = frame.id;
      arrivals.push({ frame, atMs: performance.now() });
      frames.push(Buffer.from(`data: ${frame.data}\nid: ${frame.id}\n\n`));
      if (isDone(frame)) return true;
      fold.take(chunkOf(frame));
    }
    return false;
  }

  async function connect(caller: Caller): Promise<boolean> {
    const reader = openReader(caller, streamId, { lastEventId });
    current = reader;
    const head = await reader.head.catch(() => null);
    if (head?.status === 204) return true;
    if (head?.status === 404) throw new Error('the stream is gone');
    if (head?.status !== 200) {
      ends.push(await reader.ended);
      return false;
    }
    if (head.headers['x-stream-reset']) {
      resets += 1;
      begin();
    } else if (lastEventId === undefined) begin();
    let seen = 0;
    let isOver = false;
    let rest: Buffer = Buffer.alloc(0);
    let failure: unknown = null;
    const takeNew = () => {
      rest = Buffer.concat([rest, ...reader.pieces.slice(seen)]);
      seen = reader.pieces.length;
      try {
        isOver = take(rest) || isOver;
      } catch (error) {
        failure ??= error;
      }
      rest = rest.subarray(rest.lastIndexOf('\n\n') + 2);
      return failure !== null;
    };
    await reader.until(takeNew).catch(() => {
      /* `until` rejects when the response ends; `reader.ended` below says how the response ended */
    });
    if (failure !== null) {
      reader.leave();
      throw failure;
    }
    const end = await reader.ended;
    ends.push(end);
    return isOver && end === 'clean';
  }

  async function follow(): Promise<Loyalty> {
    for (let tries = 0; !hasLeft; tries += 1) {
      if (await connect(callers[tries % callers.length]!)) break;
      await pause(RETRY_MS);
    }
    return { text: fold.text, log: Buffer.concat(frames), resets, ends, arrivals };
  }

  return {
    get text() {
      return fold.text;
    },
    get bytes() {
      return Math.max(position, 0);
    },
    ends,
    arrivals,
    finished: follow(),
    leave() {
      hasLeft = true;
      current?.leave();
    },
  };
}
