import { createHash } from 'node:crypto';
import { RejoinError } from '../../../shared/errors.ts';
import {
  isSentByClient,
  type IncomingMessage,
  type Message,
  type StoredMessage,
  messageText,
} from '../../../shared/chat/messages.ts';
import type { Author } from '../../../shared/chat/rooms.ts';
import type { StartRequest } from '../../../shared/stream/stream.ts';
import type { After, Question } from '../../store/chats/chat-queue.ts';
import type { ChatOutline, MessagePlace } from '../../store/chats/chat-store.ts';

/** The place of a request in its conversation. */
export interface Asked {
  /** The messages of the request that are not stored yet, parents before children. */
  fresh: StoredMessage[];
  /** The message to be answered: the last of `fresh`, or a stored one. */
  parentId: string;
  /** The stored message that `fresh` follows, or the stored question that is answered again; `null` at the beginning of a chat. */
  after: string | null;
  title: string;
}

/** The ids of the messages that {@link placeRequest} looks for in the stored chat. */
export function idsIn(request: StartRequest): string[] {
  const { messageId, parentId, continueFrom, messages } = request;
  const ids = [messageId, parentId, continueFrom, messages.at(-1)?.id, messages.at(-2)?.id];
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}

/**
 * Places a request in its conversation (PROTOCOL.md 5.2). If the chat exists, the history is the stored one, and only the new
 * message is taken from the request. So in an existing chat, nobody can make the model believe something that was never said
 * there. A new chat begins with all messages of the request, and answers among them are marked as sent by a client.
 *
 * @param chat with the places of the messages that {@link idsIn} names
 */
export function placeRequest({
  request,
  chat,
  now,
  by = null,
}: {
  request: StartRequest;
  chat: ChatOutline | null;
  now: string;
  /** Who asks; `null` in a chat without a room. */
  by?: Author | null;
}): Asked {
  const incoming = request.messages.map((message, index) => normalize(message, request.messageId, index));
  const last = incoming.at(-1);
  if (last?.role !== 'user') {
    throw new RejoinError('invalid_request', {
      detail: 'The last of "messages" must have the role "user": it is what will be answered.',
    });
  }
  const known = chat?.places ?? new Map<string, MessagePlace>();
  if (request.continueFrom !== undefined) {
    const partial = known.get(request.continueFrom);
    if (partial?.role !== 'assistant') {
      throw new RejoinError('invalid_request', { detail: '"continueFrom" is not an answer in this chat.' });
    }
    return { fresh: [], parentId: partial.parentId ?? last.id, after: partial.parentId, title: '' };
  }
  const title = titleFrom(incoming);
  if (known.get(last.id)?.role === 'assistant') {
    throw new RejoinError('invalid_request', { detail: `"${last.id}" is the id of an answer in this chat.` });
  }
  if (known.has(last.id)) return { fresh: [], parentId: last.id, after: last.id, title };
  if (chat === null) {
    const { parentId } = request;
    // The caller expects that the chat exists. A new chat would lack the old chat's history.
    if (typeof parentId === 'string' && !incoming.some(({ id }) => id === parentId))
      throw new RejoinError('not_found', { detail: 'The chat of "parentId" does not exist (any more).' });
  }
  if (chat === null) return { fresh: chained(incoming, now), parentId: last.id, after: null, title };
  const after = parentOf({ request, incoming, chat });
  return {
    fresh: [{ ...last, parentId: after, createdAt: now, ...(by ? { by } : {}) }],
    parentId: last.id,
    after,
    title,
  };
}

/** The place of a turn (a question and its answer) that has to wait in the queue of its chat. */
export interface AskedLater {
  questionId: string;
  /** `null` if the question is a message of the chat already. */
  question: Question | null;
  after: After;
}

/**
 * Places a request that has to wait (PROTOCOL.md 5.8). Normally the question gets no fixed parent. Instead it gets a message of the
 * branch to which it belongs: the message `parentId`, or without `parentId` the answer that is being written. When its turn is chosen,
 * the question goes to the end of that branch. So the turns before it can still be edited, moved and removed.
 *
 * If `parentId` names a stored message or is `null` (the beginning of the chat), and `atEnd` is not set, the question follows exactly
 * this message. It is then another version of an older question.
 *
 * @param written the id of the answer that is being written; `null` if it is not known
 * @param isTurn true if the id is that of the answer being written, or of an answer that waits
 */
export function placeTurn({
  request,
  chat,
  now,
  by = null,
  written,
  isTurn,
}: {
  request: StartRequest;
  chat: ChatOutline;
  now: string;
  by?: Author | null;
  written: string | null;
  isTurn(messageId: string): boolean;
}): AskedLater {
  const { parentId } = request;
  const isAfterTurn = typeof parentId === 'string' && !chat.places.has(parentId) && isTurn(parentId);
  const asked = placeRequest({ request: isAfterTurn ? { ...request, parentId: undefined } : request, chat, now, by });
  const [question] = asked.fresh;
  if (question === undefined) return { questionId: asked.parentId, question: null, after: 'newest' };
  const { parentId: after, id, role, parts, createdAt, metadata } = question;
  const kept = { id, role, parts, createdAt, ...(metadata === undefined ? {} : { metadata }), ...(by ? { by } : {}) };
  const isFixed = parentId !== undefined && !isAfterTurn && request.atEnd !== true;
  const place = isFixed ? { id: after } : branchFor(parentId ?? written, { written, count: chat.head.count });
  return { questionId: question.id, question: kept, after: place };
}

/** If the answer that is being written is stopped and another one is asked for, the question belongs to the new one. */
const branchFor = (id: string | null, { written, count }: { written: string | null; count: number }): After =>
  id === null ? 'newest' : { branchOf: id, count: id === written ? count : null };

function normalize({ id, role, parts, content, metadata }: IncomingMessage, messageId: string, index: number): Message {
  if (role === 'system') {
    throw new RejoinError('system_message_refused', {
      detail: 'Send instructions for a chat as "instructions", not as a message.',
    });
  }
  const kept = parts ?? [{ type: 'text', text: content ?? '' }];
  if (kept.some((part) => part.type === 'file')) {
    throw new RejoinError('file_parts_unsupported', { detail: 'Remove the file and send its text instead.' });
  }
  // A missing id is derived from the request, so that a repeated request gives the message the same id.
  const derived = () => `u_${createHash('sha256').update(`${messageId}:${index}`).digest('base64url').slice(0, 22)}`;
  return { id: id ?? derived(), role, parts: kept, ...(metadata === undefined ? {} : { metadata }) };
}

const chained = (messages: readonly Message[], now: string): StoredMessage[] =>
  messages.map((message, index) => ({
    ...(message.role === 'assistant' ? markedAsSent(message) : message),
    parentId: messages[index - 1]?.id ?? null,
    createdAt: now,
  }));

/** Marks an answer that a client sent along, so that nobody takes it for an answer that a model wrote in this chat. */
const markedAsSent = (message: Message): Message => ({
  ...message,
  metadata: { ...(Object(message.metadata) as object), sentByClient: true },
});

/** Throws `invalid_request` for an answer that a client sent along. */
export function assertWrittenHere(message: Message): void {
  if (!isSentByClient(message)) return;
  throw new RejoinError('invalid_request', {
    detail:
      '"continueFrom" is an answer that a client sent with the chat. Only an answer that was written here can be continued.',
  });
}

function parentOf({
  request: { parentId },
  incoming,
  chat: { head, places },
}: {
  request: StartRequest;
  incoming: readonly Message[];
  chat: ChatOutline;
}): string | null {
  if (parentId !== undefined) {
    if (parentId !== null && !places.has(parentId)) {
      throw new RejoinError('invalid_request', { detail: '"parentId" is not a message of this chat.' });
    }
    return parentId;
  }
  const before = incoming.at(-2)?.id;
  return before !== undefined && places.has(before) ? before : head.newest;
}

const MAX_TITLE_CHARS = 60;

/** The first words of the first question. Without a question or without text, the title is `…`, which needs no translation. */
export function titleFrom(messages: readonly Message[]): string {
  const first = messages.find((message) => message.role === 'user');
  const line = (first ? messageText(first) : '').trim().split('\n', 1)[0]!.trim().replace(/\s+/g, ' ');
  const characters = [...line];
  if (characters.length <= MAX_TITLE_CHARS) return line === '' ? '…' : line;
  const cut = characters.slice(0, MAX_TITLE_CHARS).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${lastSpace > MAX_TITLE_CHARS / 2 ? cut.slice(0, lastSpace) : cut}…`;
}
