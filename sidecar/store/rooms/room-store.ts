import type { MemberRole, Role } from '../../../shared/chat/rooms.ts';
import type { Subject } from '../counts/admission-store.ts';

/** The chat of a room, by its owner and its id. */
export interface RoomChat {
  ownerId: string;
  chatId: string;
}

/** The key of a chat in the maps of a process. No id contains a line break, so different chats have different keys. */
export const keyOfChat = ({ ownerId, chatId }: RoomChat): string => `${ownerId}\n${chatId}`;

/** A person with a role in somebody else's chat. The owner of a chat is not one of its members. */
export interface KeptMember {
  userId: string;
  role: MemberRole;
  name: string;
  /** ISO 8601. */
  since: string;
  /** The invite by which they joined. */
  by: string;
  /** True if they joined as a guest. */
  isGuest: boolean;
}

/** The role that a member has now. The operator decides whether guests can be more than viewers. */
export const roleOf = ({ role, isGuest }: KeptMember, guestsMayEdit: boolean): MemberRole =>
  isGuest && !guestsMayEdit ? 'viewer' : role;

/** What is read of a room to decide what somebody may do in it. */
export interface RoomLook {
  roomId: string;
  ownerName: string | null;
  /** True if viewers may fork the chat, that is, copy it into a chat of their own. */
  viewersFork: boolean;
  /** Those of the requested people who are members. */
  members: ReadonlyMap<string, KeptMember>;
}

/** Everybody in a chat. A chat that is not a room has no members. */
export interface RoomPeople {
  roomId: string | null;
  ownerName: string | null;
  /** ISO 8601: when the chat began. */
  createdAt: string;
  /** In the order in which they joined. */
  members: KeptMember[];
}

export interface NewInvite {
  inviteId: string;
  /** SHA-256 of the token, in hex. The token itself is not stored. */
  tokenHash: string;
  role: MemberRole;
  /** For how long the invite can be used. */
  livesMs: number;
  maxUses: number;
  /** The id of the room, if the chat is not a room yet. */
  newRoomId: string;
  /** Stored only if the chat has no owner's name yet. `undefined`: nothing is stored. */
  ownerName: string | undefined;
  /** Maximum number of usable invites that the chat may have. 0: no limit. */
  maxInvites: number;
}

/** An invite that can be used. Times are in ms since 1970. */
export interface KeptInvite {
  inviteId: string;
  role: MemberRole;
  createdAt: number;
  expiresAt: number;
  maxUses: number;
  uses: number;
}

/** Where the token of an invite leads. */
export interface InvitePlace extends RoomChat {
  inviteId: string;
}

export type Invited =
  /** `joined`: the person is in the room already. The invite may be over. */
  | {
      what: 'open' | 'joined';
      roomId: string;
      role: MemberRole;
      /** In ms since 1970; 0 if the invite is over. */
      expiresAt: number;
      title: string;
      ownerName: string;
      messages: number;
      members: number;
    }
  /**
   * The invite has expired, was revoked or is used up, or its chat is gone. Or the invite refuses this person, because
   * the person was removed from the room or demoted.
   */
  | { what: 'over' };

export interface Joining extends InvitePlace {
  userId: string;
  name: string;
  isGuest: boolean;
  /** True if they become a viewer, whatever role the invite gives. */
  onlyViewer: boolean;
  /** 0: no limit. */
  maxMembers: number;
}

export type Joined =
  /** `again`: the person is a member of the room already, or its owner. Nothing was changed, and the invite was not used. */
  { what: 'joined' | 'again'; roomId: string; role: Role } | { what: 'over' | 'full' };

export interface MemberChange extends RoomChat {
  userId: string;
  role?: MemberRole | undefined;
  name?: string | undefined;
  guestsMayEdit: boolean;
  /** Who makes the change. */
  by: string;
}

/** A room in a member's list. `stream`: the stream that its chat points at. */
export interface RoomEntry {
  roomId: string;
  title: string;
  role: MemberRole;
  ownerName: string;
  updatedAt: string;
  stream: string | null;
}

/** Maximum number of people whom one invite refuses. When one more must be refused, the invite ends. Also set in `invite-state.lua`. */
export const MAX_BARRED = 100;
/** An invite's token is remembered for this long after the invite expires, so that the token gives `invite_over`, not `not_found`. */
export const TOKEN_KEPT_MS = 30 * 24 * 3600 * 1000;
/** A person's list of rooms is kept for this long after they last joined a room or read the list. */
export const ROOM_LIST_MS = 366 * 24 * 3600 * 1000;

/**
 * Rooms: chats with members (PROTOCOL.md 5.9). `room-store.suite.ts` tests every promise made here.
 */
export interface RoomStore {
  /** The chat of a room; `null` if there is no such room. The chat may be gone. */
  find(roomId: string): Promise<RoomChat | null>;
  /** The roles of these people, in one read. `null` if there is no such chat, or if it is not a room. */
  look(chat: RoomChat, userIds: readonly string[]): Promise<RoomLook | null>;
  /** `null` if there is no such chat. */
  people(chat: RoomChat): Promise<RoomPeople | null>;

  /** Adds an invite. `null` if there is no such chat; `full`: the chat already has `maxInvites` usable invites. */
  invite(chat: RoomChat, invite: NewInvite): Promise<{ roomId: string; expiresAt: number } | 'full' | null>;
  /** The invites that can be used, the oldest first. `null` if there is no such chat. */
  invites(chat: RoomChat): Promise<KeptInvite[] | null>;
  /** `all`: every invite of the chat. Resolves to how many were revoked; `null` if there is no such chat. */
  revoke(chat: RoomChat, which: { inviteId: string } | 'all'): Promise<number | null>;
  placeOf(tokenHash: string): Promise<InvitePlace | null>;
  /** What the invite shows to this person. Changes nothing. */
  invited(place: InvitePlace, userId: string): Promise<Invited>;
  /**
   * Joins in one atomic step, so that an invite is never used by more people than it allows. The store's clock decides whether the
   * invite has expired.
   */
  join(joining: Joining): Promise<Joined>;

  /**
   * Changes a member's role or name. `null` if there is no such member; `guest`: nothing was done, because a guest may not become
   * an editor. A member who becomes a viewer cannot leave and come back as an editor with an invite that was made before the change.
   */
  change(change: MemberChange): Promise<KeptMember | 'guest' | null>;
  /**
   * Takes the role away. False if there is no such member. `bars`: the person cannot join again with an invite that was made before
   * the removal.
   */
  remove(member: RoomChat & { userId: string; roomId: string; by: string; bars: boolean }): Promise<boolean>;
  /** The rooms of which a person is a member. Rooms that are gone are removed from the list. */
  roomsOf(userId: string): Promise<RoomEntry[]>;
  /** Puts a room into a member's list, unless the list already contains the room. */
  list(userId: string, roomId: string): Promise<void>;
  /** Postpones the expiry of a room, so that the room is kept for at least as long as its chat. */
  keep(roomId: string, chat: RoomChat): Promise<void>;
  /** Forgets a room whose chat was deleted. */
  drop(roomId: string): Promise<void>;
  /** Counts a try to join a room. Resolves to the number of tries in this minute. */
  countJoin(subject: Subject): Promise<number>;
}
