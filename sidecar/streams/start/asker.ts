import { RejoinError } from '../../../shared/errors.ts';
import type { ChatHead } from '../../store/chats/chat-store.ts';
import type { KeptAsker } from '../../store/streams/asked-by.ts';

/**
 * Who asks a question: the owner of the chat, or a member of its room. Starts and active streams count towards the limits of the
 * person who asks. Stored bytes count towards the owner's limit.
 */
export interface Asker {
  userId: string;
  /** A member's name in the room. `null` for the owner, whose name is kept with the chat. */
  name: string | null;
  /** A guest's network address, as a keyed hash. */
  address: string | null;
}

/** The member whose role the Lua scripts check; `null` if the owner asks, because the owner may do everything. */
export const memberIn = (ownerId: string, { userId }: Asker): string | null => (userId === ownerId ? null : userId);

/** What is kept about the asker. `null` in a chat without a room: there, only the owner asks. */
export function keptAsker(asker: Asker, ownerId: string, head: ChatHead | null): KeptAsker | null {
  if (head === null || head.roomId === null) return null;
  const { userId } = asker;
  if (userId === ownerId) return { userId, name: head.ownerName ?? '' };
  return { userId, name: asker.name ?? '', roomId: head.roomId };
}

/** The network address whose quota a new message uses; `null` if the owner of the chat is no guest. */
export const storageAddress = (asker: Asker, ownerId: string, head: ChatHead | null): string | null =>
  asker.userId === ownerId ? asker.address : (head?.address ?? null);

/**
 * Returns an error as the asker may see it. If storage is full, a member must not learn how much the owner has stored. Other
 * errors are returned unchanged.
 */
export function forAsker(error: unknown, asker: Pick<Asker, 'userId'>, ownerId: string): unknown {
  const isFull = error instanceof RejoinError && error.code === 'quota_exceeded';
  if (!isFull || asker.userId === ownerId) return error;
  return new RejoinError('quota_exceeded', {
    detail:
      'The storage of the person who owns this chat is full. Nothing can be added to the chat until they delete some chats.',
  });
}
