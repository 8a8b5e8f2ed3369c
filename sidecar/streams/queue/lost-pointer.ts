import type { ChatHead, ChatStore } from '../../store/chats/chat-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';

/**
 * Clears the pointer of a chat that points at a stream that does not exist, if it has done so for longer than a lease: no start
 * takes that long. Turns that wait there are then held until a person resumes them. Resolves to true if it did.
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
    // After Redis was away, streams that it has lost are written anew by their owners.
    if ((await store.meta(stream)) !== null || store.wasAway()) return false;
    await chats.unpoint(userId, chatId, stream);
    return true;
  };
}
