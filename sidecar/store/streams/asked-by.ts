import { roomRef, type Author } from '../../../shared/chat/rooms.ts';
import type { StreamFacts } from './stream-store.ts';

/** What a stream keeps about the person who asked, if its chat is a room. */
export interface KeptAsker extends Author {
  /** The id of the room, which members use to name the chat; left out if the owner asked. */
  roomId?: string;
}

/** `null` in a chat that is not a room: its owner asked. */
export const askedBy = ({ by }: Pick<StreamFacts, 'by'>): KeptAsker | null =>
  by === undefined ? null : (JSON.parse(by) as KeptAsker);

/** The fact `by` of a stream. */
export const byFact = (asker: KeptAsker | null): Pick<StreamFacts, 'by'> =>
  asker === null ? {} : { by: JSON.stringify(asker) };

export const toAuthor = ({ userId, name }: KeptAsker): Author => ({ userId, name });

/** The id of the person who asked. The stream counts as one of this person's active streams. */
export const askerIdOf = (facts: Pick<StreamFacts, 'userId' | 'by'>): string => askedBy(facts)?.userId ?? facts.userId;

/** How the person who asked names the chat: the owner by the chat id, a member by the reference of the room. */
export function refOf(facts: Pick<StreamFacts, 'chatId' | 'by'>): string {
  const roomId = askedBy(facts)?.roomId;
  return roomId === undefined ? facts.chatId : roomRef(roomId);
}
