import { RejoinError } from '../../../shared/errors.ts';
import type { ChatStore, Pointing } from './chat-store.ts';

/**
 * The error for a question whose parent is no longer the last message of its path (PROTOCOL.md 5.5). `leafId` in the error is the
 * message that is now the last one of this path.
 */
export async function staleParent(
  chats: Pick<ChatStore, 'branch'>,
  { userId, chatId, messages }: Pointing,
): Promise<RejoinError> {
  const parentId = messages[0]?.parentId ?? null;
  const below = await chats.branch(userId, chatId, { through: parentId }, { limit: 1, maxBytes: 0 });
  return new RejoinError('stale_parent', {
    detail:
      'Another question was sent here meanwhile, for example from another tab. Send yours at the end, or as a version of that one.',
    extra: { leafId: below?.messages.at(-1)?.message.id ?? null },
  });
}
