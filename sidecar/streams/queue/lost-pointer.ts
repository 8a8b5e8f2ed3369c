import type { ChatHead, ChatStore } from '../../store/chats/chat-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';

/**
 * Clears a chat's pointer if the stream that it names does not exist. The pointer must be older than a lease: a start that has
 * not created its stream by then has failed. `unpoint` also pauses the chat's queue if turns wait in it, until a person resumes
 * it.
 */
export type ClearLostPointer = (
  userId: string,
  head: Pick<ChatHead, 'chatId' | 'stream' | 'streamAt'>,
) => Promise<void>;

export function createClearLostPointer({
  store,
  chats,
  leaseMs,
}: {
  store: Pick<StreamStore, 'meta' | 'wasAway'>;
  chats: Pick<ChatStore, 'unpoint'>;
  leaseMs: number;
}): ClearLostPointer {
  return async function clearLostPointer(userId, { chatId, stream, streamAt }) {
    if (stream === null || streamAt === null || Date.now() - Date.parse(streamAt) < leaseMs) return;
    // After Redis was away, a missing stream may come back: owners write streams again that Redis has lost.
    if ((await store.meta(stream)) !== null || store.wasAway()) return;
    await chats.unpoint(userId, chatId, stream);
  };
}
