import type { Role, RoomChange } from '../../../shared/chat/rooms.ts';
import type { RoomChat } from '../rooms/room-store.ts';

/** A notification about a room. It may be lost. It does not contain the change itself: listeners read the change from the store. */
export type Ring =
  | ({ kind: 'change' } & Pick<RoomChange, 'v' | 'what' | 'by'>)
  /** Somebody came or left, or began or stopped typing. `word` is the argument of the call of `here()` that noticed this. */
  | { kind: 'here'; word: string }
  /** Something may have been missed: read the store again. */
  | { kind: 'unknown' };

/** One page (browser tab) in which a person has a room open. The page keeps its `tab` id when it connects to another sidecar. */
export interface Tab {
  userId: string;
  tab: string;
}

export type PresenceChange =
  /** The page is here for {@link HERE_MS} from now on. */
  | ({ what: 'stay' } & Tab)
  /** Like `stay`, but changes nothing if the page is here already. */
  | ({ what: 'come' } & Tab)
  /**
   * The page is gone. `until` is the {@link RoomNow.until} that this sidecar got when it last sent `stay` for this page. The change
   * is ignored if another sidecar has sent a later `stay`.
   */
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
  /** When the pages that this call renewed (`stay`) lapse unless they are renewed again. In ms by the clock of the store. */
  until: number;
  /** Milliseconds until the next entry lapses; `null` if nobody is here. */
  nextLapseMs: number | null;
}

export const HERE_MS = 25_000;
export const TYPING_MS = 5000;

/** Who has a room open, and the notifications about a room (PROTOCOL.md 5.10). `feed-store.suite.ts` tests every promise here. */
export interface FeedStore {
  /** Resolves once the subscription is confirmed, to a function that ends the subscription. */
  listen(chat: RoomChat, onRing: (ring: Ring) => void): Promise<() => void>;
  /**
   * Applies changes of any number of pages, and reads who is here, in one step and one command. If this changes who is here
   * or who types, every listener gets a `here` ring with `word`. A caller that also listens recognizes its own rings by `word`.
   * Returns `null` if the chat is gone or is not a room.
   */
  here(chat: RoomChat, changes: readonly PresenceChange[], word: string): Promise<RoomNow | null>;
  /** Calls the listener when the store answers again after it was away. Rings may have been missed. */
  onReturn(listener: () => void): void;
}

export const entryOf = ({ userId, tab }: Tab): string => `${userId} ${tab}`;
