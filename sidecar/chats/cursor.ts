import type { ListPlace } from '../store/chats/chat-store.ts';

/** The text that names the end of a page of a list. A client sends it back to get the next page. */
export const toCursor = ({ changedMs, chatId }: ListPlace): string => `${changedMs}.${chatId}`;

export function toPlace(cursor: string): ListPlace {
  const dot = cursor.indexOf('.');
  return { changedMs: Number(cursor.slice(0, dot)), chatId: cursor.slice(dot + 1) };
}
