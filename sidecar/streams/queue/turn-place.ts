import type { ChatQueue } from '../../store/chats/chat-queue.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';

/** The place of a turn in its queue: 1 if it comes next, 0 if it was taken from the queue and is about to begin. `null` if neither. */
export async function placeOfTurn(
  chats: Pick<ChatStore, 'queue'>,
  { userId, chatId, streamId }: { userId: string; chatId: string; streamId: string },
): Promise<number | null> {
  return placeIn(await chats.queue(userId, chatId), streamId);
}

export function placeIn(queue: ChatQueue | null, streamId: string): number | null {
  if (queue?.stream === streamId) return 0;
  const at = queue?.turns.findIndex((turn) => turn.streamId === streamId) ?? -1;
  return at === -1 ? null : at + 1;
}
