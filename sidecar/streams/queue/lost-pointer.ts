import type { ChatHead, ChatStore } from '../../store/chats/chat-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';

/**
 * Clears a chat's pointer if the stream that it names does not exist. The pointer must be older than a lease: a start that has
 * not created its stream by then has failed. If turns wait in the chat, its queue is paused until a person resumes it. Resolves
 * to true if the pointer was cleared.
 */
export type ClearLostPointer = (
  userId: string,
  head: Pick<ChatHead, 'chatId' | 'stream' | 'streamAt'>,
) => Promise<boolean>;

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
    if (stream === null || Date.now() - Date.parse(streamAt ?? '') < leaseMs) return false;
    // After Redis was away, a missing stream may come back: owners write streams again that Redis has lost.
    if ((await store.meta(stream)) !== null || store.wasAway()) return false;
    await chats.unpoint(userId, chatId, stream);
    return true;
  };
}
