import type { ListPlace } from '../store/chats/chat-store.ts';

/** Where a page of a list ends, as clients send it back to ask for the next one. */
export const toCursor = ({ changedMs, chatId }: ListPlace): string => `${changedMs}.${chatId}`;

export function toPlace(cursor: string): ListPlace {
  const dot = cursor.indexOf('.');
  return { changedMs: Number(cursor.slice(0, dot)), chatId: cursor.slice(dot + 1) };
}
