import type { MemberRole } from '../../../shared/rooms.ts';

/** The chat that a room is. */
export interface RoomChat {
  ownerId: string;
  chatId: string;
}

/** A person with a role in somebody else's chat. The owner is in the chat's key and is no member. */
export interface KeptMember {
  userId: string;
  role: MemberRole;
  name: string;
  /** ISO 8601. */
  since: string;
}

/** What is read of a room to decide what somebody may do in it. */
export interface RoomLook {
  roomId: string;
  ownerName: string | null;
  /** Viewers may branch from it into their own chats. */
  viewersFork: boolean;
  /** Those of the requested people who are members. */
  members: ReadonlyMap<string, KeptMember>;
}

/**
 * Rooms: chats with members (PROTOCOL.md 5.9). Members and invites are fields of the chat's own hash, so that the script that
 * writes also checks the role. Every promise here is held by `room-store.suite.ts`.
 */
export interface RoomStore {
  /** The chat that a room is, if there was ever such a room. It may be deleted: {@link RoomStore.look} tells. */
  find(roomId: string): Promise<RoomChat | null>;
  /** The roles of these people, in one read. `null` if there is no such chat, or if it is no room. */
  look(chat: RoomChat, userIds: readonly string[]): Promise<RoomLook | null>;
}
