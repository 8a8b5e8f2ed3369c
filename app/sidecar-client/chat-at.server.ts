import { type Chat, type ChatQuery, MAX_PAGE_ENTRIES } from '../../shared/chat/chat.ts';
import type { Caller } from './sidecar-http.server.ts';
import { findMessage } from './find-message.server.ts';
import { getChat } from './sidecar.server.ts';

/** `chatAt` reads the end of a branch and at most this many pages of older messages. */
const MAX_PAGES = 10;

/**
 * How many bytes of messages the HTML of a chat contains. A phone would need seconds to show more. Older messages are loaded when
 * the reader scrolls up.
 */
const SHOWN_BYTES = 48 * 1024;

/** The end of a branch: the messages that the HTML of a chat contains. */
export async function chatEnd(
  caller: Caller,
  chatId: string,
  query: Pick<Partial<ChatQuery>, 'leaf'> = {},
): Promise<Chat> {
  const end = await getChat(caller, chatId, { ...query, maxBytes: SHOWN_BYTES });
  if (end.before === null || end.messages.some(({ role }) => role === 'user')) return end;
  // A long answer takes up all of `SHOWN_BYTES`, so its question is added.
  const { messages, before } = await getChat(caller, chatId, { before: end.before, limit: 1 });
  return { ...end, messages: [...messages, ...end.messages], before };
}

/**
 * Returns a branch that contains the message, from the page with the message to the end of the branch. If this takes more than
 * `MAX_PAGES` pages of older messages, returns only the page that ends with the message. If the message is unknown, returns the end
 * of the newest branch.
 */
export async function chatAt(caller: Caller, chatId: string, messageId: string): Promise<Chat> {
  const has = ({ messages }: Pick<Chat, 'messages'>) => messages.some(({ id }) => id === messageId);
  const end = await chatEnd(caller, chatId, { leaf: messageId });
  if (has(end) || end.before === null || (await findMessage(caller, chatId, messageId)) === null) return end;
  let { messages } = end;
  let before: string | null = end.before;
  for (let pages = 0; before !== null && pages < MAX_PAGES; pages++) {
    const page: Chat = await getChat(caller, chatId, { before, limit: MAX_PAGE_ENTRIES });
    messages = [...page.messages, ...messages];
    before = page.before;
    if (has(page)) return { ...end, messages, before };
  }
  return getChat(caller, chatId, { at: messageId });
}
