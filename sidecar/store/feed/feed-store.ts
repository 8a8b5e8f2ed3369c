import type { Role, RoomChange } from '../../../shared/rooms.ts';
import type { RoomChat } from '../rooms/room-store.ts';

/** A notification of a room's bell. It may be lost, and it does not contain the change itself: listeners read the store. */
export type Ring =
  | ({ kind: 'change' } & Pick<RoomChange, 'v' | 'what' | 'by'>)
  /** Somebody came, left or types. `word`: the argument of the call of `here` that stored this. */
  | { kind: 'here'; word: string }
  /** Something may have been missed: read the store again. */
  | { kind: 'unknown' };

/** One page (browser tab) in which a person has a room open. The same page has the same entry at every sidecar. */
export interface Tab {
  userId: string;
  tab: string;
}

export type PresenceChange =
  /** The page is here for {@link HERE_MS} from now on. */
  | ({ what: 'stay' } & Tab)
  /** Like `stay`, but changes nothing if the page is here already. */
  | ({ what: 'come' } & Tab)
  /** The page is gone, unless another sidecar has sent `stay` since. `until`: as in the {@link RoomNow} of the last `stay`. */
  | ({ what: 'leave'; until: number } & Tab)
  /** The person types in this page, for {@link TYPING_MS} from now on. */
  | ({ what: 'type' } & Tab)
  | ({ what: 'stopTyping' } & Tab);

export interface HereEntry extends Tab {
  name: string;
  role: Role;
  typing: boolean;
}

export interface RoomNow {
  v: number;
  here: HereEntry[];
  /** When the pages to which this call applied `stay` lapse, in ms by the clock of the store. */
  until: number;
  /** Milliseconds until the next entry lapses; `null` if nobody is here. */
  nextLapseMs: number | null;
}

/** A page is here for this long after its last `stay`. */
export const HERE_MS = 25_000;
export const TYPING_MS = 5000;

/**
 * Who has a room open, and the room's bell (PROTOCOL.md 5.10). Every promise here is held by `feed-store.suite.ts`, run against Redis
 * and against the memory of one process.
 */
export interface FeedStore {
  /** Resolves to a function that unsubscribes, once the subscription is confirmed. */
  listen(chat: RoomChat, onRing: (ring: Ring) => void): Promise<() => void>;
  /**
   * Applies changes of any number of pages, and reads who is here, in one step and one command. If this changes who is here,
   * the bell says `word`, so that callers recognize their own changes. `null` if the chat is gone or has no room.
   */
  here(chat: RoomChat, changes: readonly PresenceChange[], word: string): Promise<RoomNow | null>;
  /** Calls the listener when the store was away and answers again: rings may have been missed. */
  onReturn(listener: () => void): void;
}

export const entryOf = ({ userId, tab }: Tab): string => `${userId} ${tab}`;
