import type { Message } from '../../../shared/chat/messages.ts';
import type { StreamStatus } from '../../../shared/stream/stream.ts';
import type { StatePatch, StreamFacts } from '../../store/streams/stream-store.ts';

/**
 * The copy is updated when the text has grown by this factor and by `MIN_GROWN_CHARS`. If the text has grown less, the copy is
 * updated when it is `MAX_AGE_MS` old.
 */
const GROWTH = 1.25;
const MAX_AGE_MS = 10_000;
const MIN_GROWN_CHARS = 512;

export interface StateNow {
  status: StreamStatus;
  epoch: string;
  position: number;
  text: string;
  /** ISO 8601. */
  now: string;
}

/**
 * PROTOCOL.md 12.2: the copy of a stream's state at `stream:<id>`, JSON for people and tools. A process that takes over a stream,
 * or begins a stream that waited, also reads the stream's request from this copy. The copy is patched, not written again, because
 * the request may be a megabyte and the answer grows. The values that change are in a block of fixed width, which each patch
 * overwrites. The answer's text comes last, so that new text can be appended.
 *
 *     {"chatId":…,"messages":[…],"status":"active"   ,…,"accumulatedContent":"Once upon"}
 */
export interface StateCopy {
  /** The whole copy. Later patches are relative to it. */
  whole(state: StateNow): Buffer;
  /**
   * True if the text has grown enough since the last patch, or if it has grown and the last patch is old. Also true if the whole
   * copy must be replaced, or if the text has become shorter.
   */
  isDue(textLength: number, nowMs: number): boolean;
  /**
   * The patches, and the length that the stored copy must have before they are applied. A patch at offset 0 replaces the copy,
   * whatever its length. If the patches are not written, call `invalidate`.
   */
  patch(state: StateNow): { length: number; patches: StatePatch[] };
  /** Called if the last patch was not written. The next patch then replaces the whole copy. */
  invalidate(): void;
}

export interface StateRequest {
  messages: Message[];
  instructions: string;
}

/**
 * `existing`: the stored copy of a stream that this process has taken over; `text`: the answer's text in the log. The stored copy is
 * patched, not replaced, if it contains the same facts and request, and if `text` begins with the text of the copy.
 */
export function createStateCopy({
  facts,
  request,
  existing,
  text = '',
}: {
  facts: StreamFacts;
  request: StateRequest;
  existing?: string | null;
  text?: string;
}): StateCopy {
  // Only these facts: anything else in the caller's object would change the copy's layout.
  const { userId, chatId, messageId, modelId, servedBy, parentId, startTime } = facts;
  const { instructions, messages } = request;
  const about = { userId, chatId, messageId, modelId, servedBy, parentId, startTime, instructions, messages };
  const fixed = Buffer.from(`${JSON.stringify(about).slice(0, -1)},`);
  let written = existing ? writtenIn(existing, fixed, text) : null;

  function whole(state: StateNow): Buffer {
    const bytes = Buffer.concat([
      fixed,
      Buffer.from(`${block(state)}"accumulatedContent":${JSON.stringify(state.text)}}`),
    ]);
    written = { text: state.text, bytes: bytes.length, atMs: Date.parse(state.now) };
    return bytes;
  }

  return {
    whole,
    isDue(textLength, nowMs) {
      if (written === null) return true;
      const grown = textLength - written.text.length;
      if (grown < 0) return true;
      return (
        (grown >= MIN_GROWN_CHARS && textLength >= written.text.length * GROWTH) ||
        (grown > 0 && nowMs - written.atMs >= MAX_AGE_MS)
      );
    },
    patch(state) {
      if (written === null || !state.text.startsWith(written.text)) {
        return { length: 0, patches: [{ offset: 0, bytes: whole(state) }] };
      }
      const { bytes: length } = written;
      const added = Buffer.from(`${JSON.stringify(state.text.slice(written.text.length)).slice(1, -1)}"}`);
      const end = length - '"}'.length;
      written = { text: state.text, bytes: end + added.length, atMs: Date.parse(state.now) };
      return {
        length,
        patches: [
          { offset: fixed.length, bytes: Buffer.from(block(state)) },
          { offset: end, bytes: added },
        ],
      };
    },
    invalidate() {
      written = null;
    },
  };
}

interface Written {
  text: string;
  /** Length of the whole copy. */
  bytes: number;
  atMs: number;
}

function writtenIn(existing: string, fixed: Buffer, text: string): Written | null {
  const bytes = Buffer.from(existing);
  if (!bytes.subarray(0, fixed.length).equals(fixed) || !existing.endsWith('"}')) return null;
  const { accumulatedContent } = JSON.parse(existing) as { accumulatedContent: string };
  if (!text.startsWith(accumulatedContent)) return null;
  return { text: accumulatedContent, bytes: bytes.length, atMs: 0 };
}

/** The values that change, as JSON members. Each is padded to a constant width with spaces, which JSON allows before a comma. */
function block({ status, epoch, position, now }: StateNow): string {
  const member = (name: string, value: unknown, width: number) =>
    `"${name}":${JSON.stringify(value)}`.padEnd(name.length + 3 + width) + ',';
  return (
    member('status', status, 11) +
    member('lastActivity', now, 26) +
    member('position', position, 15) +
    member('epoch', epoch, 20)
  );
}

/** The request in a state copy. `null` if the copy is not usable. */
export function requestIn(state: string | null): StateRequest | null {
  if (state === null) return null;
  try {
    const { messages, instructions } = JSON.parse(state) as Partial<StateRequest>;
    return Array.isArray(messages) ? { messages, instructions: instructions ?? '' } : null;
  } catch {
    return null; // a failover has cut off the end of the copy
  }
}
