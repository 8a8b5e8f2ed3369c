import type { Role, RoomChange } from '../../../shared/rooms.ts';
import type { RoomChat } from '../rooms/room-store.ts';

/** What the bell of a room says. It carries no truth, and may be missed. */
export type Ring =
  | ({ kind: 'change' } & Pick<RoomChange, 'v' | 'what' | 'by'>)
  /** Somebody came, left or types. `word`: of the call that changed it. */
  | { kind: 'here'; word: string }
  /** Something may have been missed: look again. */
  | { kind: 'unknown' };

/** One page of a person in a room. The same page has the same entry at every sidecar. */
export interface Tab {
  userId: string;
  tab: string;
}

export type PresenceChange =
  /** It is here for {@link HERE_MS} from now on. */
  | ({ what: 'stay' } & Tab)
  /** The same, unless it is here already. */
  | ({ what: 'come' } & Tab)
  /** It is not here any more, unless another sidecar has seen it since: `until` is what the last `stay` was answered. */
  | ({ what: 'leave'; until: number } & Tab)
  /** Its person types, for {@link TYPING_MS}. */
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
  /** When those that stay with this call lapse, by the clock of the store. */
  until: number;
  /** Milliseconds until the next entry lapses; `null` if nobody is here. */
  nextLapseMs: number | null;
}

/** Somebody is here for this long after the last sign of life. */
export const HERE_MS = 25_000;
export const TYPING_MS = 5000;

/**
 * Who looks at a room, and its bell (PROTOCOL.md 5.10). Every promise here is held by `feed-store.suite.ts`, run against Redis
 * and against the memory of one process.
 */
export interface FeedStore {
  /** Resolves to a function that unsubscribes, once the subscription is confirmed. */
  listen(chat: RoomChat, onRing: (ring: Ring) => void): Promise<() => void>;
  /**
   * Applies changes of any number of tabs, and reads who is here, in one step and one command. `word`: what the bell says if
   * this changed something. `null` if the chat is gone or has no room.
   */
  here(chat: RoomChat, changes: readonly PresenceChange[], word: string): Promise<RoomNow | null>;
  /** The store was away and answers again: rings may have been missed. */
  onReturn(listener: () => void): void;
}

export const entryOf = ({ userId, tab }: Tab): string => `${userId} ${tab}`;
