import { RejoinError } from '../../../shared/errors.ts';
import { messageText } from '../../../shared/chat/messages.ts';
import type { Hit, SearchAnswer, SearchQuery } from '../../../shared/chat/search.ts';
import type { ChatStore, FoundChat } from '../../store/chats/chat-store.ts';
import { queryWords } from '../../store/chats/words.ts';
import { toCursor, toPlace } from '../cursor.ts';
import type { Lane } from '../lane.ts';
import { findLine, markText } from './mark-text.ts';

/** At most this many searches of a person wait for the one that runs. */
const MAX_WAITING = 3;

export type SearchChats = (userId: string, query: SearchQuery) => Promise<SearchAnswer>;

/**
 * Each person has one search at a time. A search runs in small steps. Each step waits for its turn in the `lane`, where the other
 * large reads of this process wait, too. So a person who searches all the time delays mostly their own searches.
 */
export function createSearch({ chats, lane }: { chats: Pick<ChatStore, 'find' | 'branch'>; lane: Lane }): SearchChats {
  const queues = new Map<string, { last: Promise<unknown>; length: number }>();

  async function oneAtATime<T>(userId: string, search: () => Promise<T>): Promise<T> {
    const queue = queues.get(userId) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length > MAX_WAITING) {
      throw new RejoinError('rate_limited', { detail: 'Wait for your other searches.', retryAfterSeconds: 1 });
    }
    queue.length += 1;
    queues.set(userId, queue);
    const result = queue.last.then(search);
    queue.last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) queues.delete(userId);
    }
  }

  async function toHit(userId: string, { head, messageId }: FoundChat, words: readonly string[]): Promise<Hit> {
    const { chatId, title, updatedAt, archivedAt } = head;
    const hit = { chatId, title: markText(title, words), updatedAt, archived: archivedAt !== null };
    if (messageId === null) return { ...hit, message: null };
    const branch = await chats.branch(userId, chatId, { at: messageId }, { limit: 1, maxBytes: 0 });
    const message = branch?.messages.at(-1)?.message;
    if (message?.id !== messageId) return { ...hit, message: null };
    return { ...hit, message: { messageId, role: message.role, line: findLine(messageText(message), words) } };
  }

  return (userId, { q, before, limit }) =>
    oneAtATime(userId, async () => {
      const words = queryWords(q);
      const { found, next } = await chats.find(userId, words, {
        before: before === undefined ? null : toPlace(before),
        limit,
        turn: (step) => lane.run(step),
      });
      const hits: Hit[] = [];
      // Each hit is a separate step in the lane, because marking the words of a long line takes a while.
      for (const chat of found) hits.push(await lane.run(() => toHit(userId, chat, words)));
      return { hits, next: next && toCursor(next) };
    });
}
