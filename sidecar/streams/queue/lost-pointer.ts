import type { ChatHead, ChatStore } from '../../store/chats/chat-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';

/**
 * A chat points to its current stream. This function clears the pointer if that stream does not exist. A pointer that is younger
 * than `leaseMs` is not cleared, because the start that set it may be about to create the stream. If turns wait in the chat,
 * `unpoint` also pauses the queue until a person resumes it.
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
    // After Redis was away, a missing stream may come back: if Redis has lost a stream, its owner writes it again.
    if ((await store.meta(stream)) !== null || store.wasAway()) return;
    await chats.unpoint(userId, chatId, stream);
  };
}
