import { parseEventId } from '../../shared/stream/event-id.ts';
import { createFold, type Chunk } from '../../shared/stream/fold.ts';
import { DONE, formatFrame, frameBytes, utf8Bytes } from '../../shared/stream/frames.ts';
import type { Message, MessagePart } from '../../shared/chat/messages.ts';
import type { EndProof, QueuePlace, StreamOutcome, Waiting } from '../../shared/stream/stream.ts';
import { createLogHash, type LogHash } from './log-hash.ts';

/** One event of a stream, as the SSE parser returns it. */
export interface Frame {
  data: string;
  id: string | undefined;
}

/** The message so far, and the id of the last event that it contains. Neither can be used without the other. */
export interface Held {
  /** `null`: nothing was read yet. */
  lastEventId: string | null;
  message: Message;
}

export interface Snapshot extends Held {
  /** The text of `message`. */
  content: string;
  /**
   * Increases each time the message begins, also the first time. If `generation` is higher than in an earlier snapshot, `content`
   * may be shorter than in that snapshot, or different.
   */
  generation: number;
  /** Why no text comes at the moment; `null` while text comes. */
  waiting: Waiting | null;
  /** The place in the queue while the stream waits: 1 comes next, 0 is about to begin. `null` once it has begun. */
  place: number | null;
}

export type Taken = 'taken' | 'done' | 'mismatch';

/**
 * The part of a stream that a reader has read so far, with the proof that nothing is missing or repeated (PROTOCOL.md 2.2 and
 * 8.4). The position of each frame must be the previous frame's position plus the length of the frame. If the log was read from
 * byte 0, the SHA-256 of the log must be the one that `data-end` names.
 */
export interface StreamContent {
  /** Applies the next frame. `mismatch`: nothing was applied, and the content must be {@link reset}. */
  take(frame: Frame): Taken;
  /** Whether the hash of the whole log is correct; `true` if the hash cannot be checked. Call this after `take` returned `done`. */
  verify(): Promise<boolean>;
  /** Begins again at the beginning of the log. The old text stays visible until the first frame replaces it. */
  reset(): void;
  /** Later frames do not change a snapshot. A part that is the same as in the last snapshot is also the same object. */
  snapshot(): Snapshot;
  readonly lastEventId: string | null;
  readonly outcome: StreamOutcome | null;
  readonly errorText: string | null;
  /** Why the answer failed: the code in the `data-end` chunk. */
  readonly errorCode: string | null;
}

export function createStreamContent({ messageId, held }: { messageId: string; held?: Held }): StreamContent {
  // The fold changes its message, so it gets a copy. `held.message` belongs to the caller.
  let fold = createFold(messageId, held && structuredClone(held.message));
  let lastEventId = held?.lastEventId ?? null;
  let position = lastEventId === null ? null : (parseEventId(lastEventId)?.position ?? null);
  let hash: LogHash | null = null;
  let expectedHash: string | null = null;
  let outcome: StreamOutcome | null = null;
  let errorCode: string | null = null;
  let generation = 0;
  let begunAnew = false;
  let waiting: Waiting | null = null;
  let place: number | null = null;
  let last: Snapshot | null = null;
  let previous: Snapshot | null = null;

  function take({ data, id }: Frame): Taken {
    if (id === undefined) return takePlace(data);
    const eventId = parseEventId(id);
    if (!eventId) return 'mismatch';
    const start = eventId.position - frameBytes(utf8Bytes(data), id);
    if (start < 0 || (position !== null && start !== position)) return 'mismatch';

    if (data === DONE) {
      advance(id, eventId.position);
      outcome ??= 'completed';
      return 'done';
    }
    const chunk = parseChunk(data);
    if (!chunk) return 'mismatch';
    if (chunk.type === 'data-end') {
      const proof = chunk.data as EndProof;
      if (proof.bytes !== start) return 'mismatch';
      outcome = proof.status;
      errorCode = proof.code ?? null;
      expectedHash = hash && proof.sha256;
    } else {
      if (start === 0) hash = createLogHash();
      // The hash covers everything before `data-end`.
      if (expectedHash === null) hash?.update(formatFrame(data, id));
    }
    if (begunAnew) fold = createFold(messageId);
    if (begunAnew || chunk.type === 'start') generation += 1;
    begunAnew = false;
    fold.take(chunk);
    // Any chunk other than `data-waiting` ends the wait.
    waiting = chunk.type === 'data-waiting' ? asWaiting(chunk.data) : null;
    advance(id, eventId.position);
    return 'taken';
  }

  /** Takes a `data-queue` event (PROTOCOL.md 5.8). Only these events have no id, because they are not part of the log. */
  function takePlace(data: string): Taken {
    const chunk = parseChunk(data);
    const told = chunk?.type === 'data-queue' ? (Object(chunk.data) as Partial<QueuePlace>).place : undefined;
    if (typeof told !== 'number') return 'mismatch';
    place = told;
    last = null;
    return 'taken';
  }

  function advance(id: string, after: number): void {
    place = null;
    lastEventId = id;
    position = after;
    last = null;
  }

  function snapshot(): Snapshot {
    if (last) return last;
    const message = copyMessage(fold.message, previous?.message);
    last = { lastEventId, message, content: fold.text, generation, waiting, place };
    previous = last;
    return last;
  }
  return {
    take,
    snapshot,
    async verify() {
      if (hash === null || expectedHash === null) return true;
      // If the library that computes the hash cannot be loaded, the checks of positions and byte count have to suffice.
      const actual = await hash.hex().catch(() => null);
      return actual === null || actual === expectedHash;
    },
    reset() {
      lastEventId = null;
      position = null;
      hash = null;
      expectedHash = null;
      outcome = null;
      errorCode = null;
      begunAnew = true;
      waiting = null;
      last = null;
    },
    get lastEventId() {
      return lastEventId;
    },
    get outcome() {
      return outcome;
    },
    get errorText() {
      return fold.errorText;
    },
    get errorCode() {
      return errorCode;
    },
  };
}

function parseChunk(data: string): Chunk | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && 'type' in value ? (value as Chunk) : null;
  } catch {
    // An intact log contains only valid JSON, so the caller reports a mismatch.
    return null;
  }
}

function asWaiting(data: unknown): Waiting | null {
  const { reason, since } = Object(data) as Partial<Waiting>;
  return typeof reason === 'string' && typeof since === 'string' ? (data as Waiting) : null;
}

function copyMessage(message: Message, previous: Message | undefined): Message {
  const parts = message.parts.map((part, index) => {
    const known = previous?.parts[index];
    return known && sameFields(known, part) ? known : { ...part };
  });
  return { ...message, parts };
}

function sameFields(a: MessagePart, b: MessagePart): boolean {
  const keys = Object.keys(b);
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
}
