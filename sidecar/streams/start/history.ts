import { createHash } from 'node:crypto';
import { RejoinError } from '../../../shared/errors.ts';
import { type IncomingMessage, type Message, type StoredMessage, messageText } from '../../../shared/messages.ts';
import type { StartRequest } from '../../../shared/stream.ts';
import type { ChatRecord } from '../../store/chats/chat-store.ts';

/** What a start means in its conversation. */
export interface Asked {
  /** What the model is shown, ending with the person's message. */
  history: Message[];
  /** The person's messages that are not kept yet. */
  fresh: StoredMessage[];
  /** The message that is answered. */
  parentId: string;
  /** The partial answer to go on from. */
  partial: StoredMessage | null;
  title: string;
}

/**
 * Places a request in its conversation. For a known one the stored history is the truth and only the new message is
 * taken from the request; so that nobody can make the model believe what was never said.
 */
export function placeRequest({
  request,
  chat,
  now,
}: {
  request: StartRequest;
  chat: ChatRecord | null;
  now: string;
}): Asked {
  const incoming = request.messages.map((message, index) => normalize(message, request.messageId, index));
  const last = incoming.at(-1)!;
  if (last.role !== 'user') {
    throw new RejoinError('invalid_request', {
      detail: 'The last of "messages" must have the role "user": it is what will be answered.',
    });
  }
  const known = new Map(chat?.messages.map((message) => [message.id, message]));
  const partial = request.continueFrom === undefined ? null : partialOf(request.continueFrom, known);
  if (partial !== null) {
    const parentId = partial.parentId ?? last.id;
    return { history: pathTo(parentId, known), fresh: [], parentId, partial, title: '' };
  }
  if (known.get(last.id)?.role === 'assistant') {
    throw new RejoinError('invalid_request', { detail: `"${last.id}" is the id of an answer in this chat.` });
  }
  const fresh = known.has(last.id)
    ? []
    : chat === null
      ? chained(incoming, now)
      : [{ ...last, parentId: parentOf(request, incoming, known, chat), createdAt: now }];
  for (const message of fresh) known.set(message.id, message);
  return { history: pathTo(last.id, known), fresh, parentId: last.id, partial, title: titleFrom(incoming) };
}

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
  // The same request sent again must mean the same message, also where it carries no id.
  const derived = () => `u_${createHash('sha256').update(`${messageId}:${index}`).digest('base64url').slice(0, 22)}`;
  return { id: id ?? derived(), role, parts: kept, ...(metadata === undefined ? {} : { metadata }) };
}

const chained = (messages: readonly Message[], now: string): StoredMessage[] =>
  messages.map((message, index) => ({ ...message, parentId: messages[index - 1]?.id ?? null, createdAt: now }));

function parentOf(
  { parentId }: StartRequest,
  incoming: readonly Message[],
  known: ReadonlyMap<string, StoredMessage>,
  chat: ChatRecord,
): string | null {
  if (parentId !== undefined) {
    if (parentId !== null && !known.has(parentId)) {
      throw new RejoinError('invalid_request', { detail: '"parentId" is not a message of this chat.' });
    }
    return parentId;
  }
  const before = incoming.at(-2)?.id;
  if (before !== undefined && known.has(before)) return before;
  return chat.messages.at(-1)?.id ?? null;
}

function partialOf(id: string, known: ReadonlyMap<string, StoredMessage>): StoredMessage {
  const message = known.get(id);
  if (message?.role !== 'assistant') {
    throw new RejoinError('invalid_request', { detail: '"continueFrom" is not an answer in this chat.' });
  }
  return message;
}

function pathTo(id: string, known: ReadonlyMap<string, StoredMessage>): Message[] {
  const path: Message[] = [];
  for (
    let at = known.get(id);
    at !== undefined && path.length <= known.size;
    at = at.parentId === null ? undefined : known.get(at.parentId)
  ) {
    const { id: messageId, role, parts } = at;
    path.push({ id: messageId, role, parts });
  }
  return path.reverse();
}

const MAX_TITLE_CHARS = 60;

/** The first words of the first question. */
export function titleFrom(messages: readonly Message[]): string {
  const first = messages.find((message) => message.role === 'user');
  const line = (first ? messageText(first) : '').trim().split('\n', 1)[0]!.trim().replace(/\s+/g, ' ');
  const characters = [...line];
  if (characters.length <= MAX_TITLE_CHARS) return line === '' ? 'New chat' : line;
  const cut = characters.slice(0, MAX_TITLE_CHARS).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${lastSpace > MAX_TITLE_CHARS / 2 ? cut.slice(0, lastSpace) : cut}…`;
}

/** Roughly, in any language: what a token is differs by model, and this errs on the side of too many. */
const CHARS_PER_TOKEN = 3;
/** The part of a context that is left to the answer. */
const ANSWER_SHARE = 0.25;

/** The newest messages that fit the model's context, and how many older ones do not. The question always stays. */
export function fitContext(
  messages: readonly Message[],
  contextTokens: number | undefined,
): { messages: Message[]; dropped: number } {
  if (contextTokens === undefined) return { messages: [...messages], dropped: 0 };
  let left = contextTokens * CHARS_PER_TOKEN * (1 - ANSWER_SHARE);
  let from = messages.length;
  while (from > 0) {
    left -= JSON.stringify(messages[from - 1]!.parts).length;
    if (left < 0 && from < messages.length) break;
    from -= 1;
  }
  // A conversation begins with a person's message.
  while (from > 0 && from < messages.length - 1 && messages[from]!.role !== 'user') from += 1;
  return { messages: messages.slice(from), dropped: from };
}
