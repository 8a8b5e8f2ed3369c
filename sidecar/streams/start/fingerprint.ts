import { createHash } from 'node:crypto';
import { RejoinError } from '../../../shared/errors.ts';
import type { IncomingMessage } from '../../../shared/chat/messages.ts';
import type { StartRequest } from '../../../shared/stream/stream.ts';

/**
 * A start request can be repeated safely: a request with the same `messageId` attaches to the stream that the first request
 * created. The fingerprint is kept with the stream. It shows whether a later request with the same `messageId` repeats the first one
 * or is a different request.
 *
 * The fingerprint covers everything that decides the answer: the new message (role, parts, id), the model, the instructions, where
 * the message goes (`parentId`, `continueFrom`), and the user id of a person who asks in another person's chat. For a start from a
 * template, the fingerprint covers what the client sent (for example the template's id and values), not the filled message.
 *
 * Messages before the new one are the history. If the conversation exists already, the model gets the stored history, so the
 * history in a request is not compared. If the first request began the conversation, a second hash covers the history. Then a
 * repetition must send the same history, or none.
 *
 * Format: `<hash>` or `<hash>.<hash of the history>`.
 */
export function fingerprintOf(
  request: StartRequest,
  { beginsChat, member = null }: { beginsChat: boolean; member?: string | null },
): string {
  const history = request.messages.slice(0, -1);
  return beginsChat && history.length > 0
    ? `${hashOfNew(request, member)}.${hashOf(history.map(meaning))}`
    : hashOfNew(request, member);
}

/**
 * True if `request` repeats the one with this fingerprint. Streams that an older release created have an empty fingerprint,
 * which matches every request.
 *
 * @param member the user id of the person who asks; `null` for the owner of the chat
 */
export function isRepetition(fingerprint: string, request: StartRequest, member: string | null = null): boolean {
  if (fingerprint === '') return true;
  const [ofNew, ofHistory] = fingerprint.split('.');
  const history = request.messages.slice(0, -1);
  return (
    ofNew === hashOfNew(request, member) &&
    (ofHistory === undefined || history.length === 0 || ofHistory === hashOf(history.map(meaning)))
  );
}

/** Throws `idempotency_mismatch` if `request` is not the one with this fingerprint. */
export function assertRepetition(
  fingerprint: string,
  request: StartRequest,
  { streamId, member }: { streamId: string; member: string | null },
): void {
  if (isRepetition(fingerprint, request, member)) return;
  throw new RejoinError('idempotency_mismatch', {
    detail: 'Repeat a request with exactly the same body, or use a new "messageId" for another request.',
    extra: { streamId },
  });
}

function hashOfNew(
  { modelId, messages, parentId, instructions, continueFrom, filledFrom }: StartRequest,
  member: string | null,
): string {
  // The owner is not part of the hash, so fingerprints that an older release stored stay valid.
  const who = member === null ? [] : [member];
  // The template may have changed since the first request, and the filled text may contain the time. So only what the client sent
  // is hashed.
  if (filledFrom) {
    const { template, ...asked } = filledFrom;
    return hashOf([template, asked.modelId ?? null, asked.parentId ?? null, asked.instructions ?? null, ...who]);
  }
  const last = messages.at(-1)!;
  return hashOf([
    modelId,
    meaning(last),
    last.id ?? null,
    parentId ?? null,
    instructions ?? null,
    continueFrom ?? null,
    ...who,
  ]);
}

/** What is compared of a message. Plain `content` counts as one text part. Metadata is left out, because the model does not get it. */
const meaning = ({ role, parts, content }: IncomingMessage) => [role, parts ?? [{ type: 'text', text: content ?? '' }]];

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value, withSortedKeys)).digest('base64url').slice(0, 22);

/** A repeated request may have the keys of an object in another order. */
function withSortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
