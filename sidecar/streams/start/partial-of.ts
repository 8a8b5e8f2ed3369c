import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { assertWrittenHere } from './place-request.ts';

/** The partial answer that a request continues; `null` if it continues none. */
export async function partialOf({
  userId,
  chatId,
  continueFrom,
  chats,
}: {
  userId: string;
  chatId: string;
  continueFrom?: string | undefined;
  chats: Pick<ChatStore, 'branch'>;
}): Promise<StoredMessage | null> {
  if (continueFrom === undefined) return null;
  const branch = await chats.branch(userId, chatId, { at: continueFrom }, { limit: 1, maxBytes: 0 });
  const partial = branch?.messages[0]?.message ?? null;
  if (partial) assertWrittenHere(partial);
  return partial;
}
