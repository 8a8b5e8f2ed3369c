import type { MemberRole } from '../../../shared/chat/rooms.ts';
import type { ChatHead } from '../chats/chat-store.ts';
import type { Subject } from '../counts/admission-store.ts';
import {
  MAX_BARRED,
  TOKEN_KEPT_MS,
  type InvitePlace,
  type KeptInvite,
  type KeptMember,
  type RoomChat,
  type RoomEntry,
  type RoomStore,
} from './room-store.ts';

interface MemoryInvite extends KeptInvite {
  /** The ids of people who may not use the invite. */
  barred: Set<string>;
}

/** The room of a chat in memory. */
export interface MemoryRoom {
  /** In the order in which they joined. */
  members: Map<string, KeptMember>;
  invites: Map<string, MemoryInvite>;
}

export const emptyRoom = (): MemoryRoom => ({ members: new Map(), invites: new Map() });

/** The parts of a chat in memory that this store uses. */
export interface MemoryRoomChat {
  head: ChatHead;
  room: MemoryRoom;
}

export function createMemoryRoomStore<Chat extends MemoryRoomChat>({
  find,
  ring,
}: {
  find(userId: string, chatId: string): Chat | undefined;
  /** Reports a change of the chat to the feed, as `ring.lua` does in Redis. */
  ring(chat: Chat, what: 'members', by: string): void;
}): RoomStore {
  const rooms = new Map<string, RoomChat>();
  const tokens = new Map<string, InvitePlace & { until: number }>();
  const lists = new Map<string, Set<string>>();
  const joins = new Map<string, { count: number; until: number }>();

  const chatOf = ({ ownerId, chatId }: RoomChat) => find(ownerId, chatId);

  function usable({ room }: Chat, inviteId: string): MemoryInvite | undefined {
    const invite = room.invites.get(inviteId);
    if (invite && invite.expiresAt > Date.now() && invite.uses < invite.maxUses) return invite;
    room.invites.delete(inviteId);
    return undefined;
  }

  const allUsable = (chat: Chat): MemoryInvite[] =>
    [...chat.room.invites.keys()].flatMap((inviteId) => usable(chat, inviteId) ?? []);

  function changed(chat: Chat, by: string): void {
    chat.head.people = chat.room.members.size + 1;
    ring(chat, 'members', by);
  }

  /** Bars a person from all invites that give `role`, or from all invites if `role` is left out. Like `bar` in `invite-state.lua`. */
  function bar(chat: Chat, userId: string, role?: MemberRole): void {
    for (const { inviteId, barred, ...invite } of allUsable(chat)) {
      if (barred.has(userId) || (role !== undefined && invite.role !== role)) continue;
      if (barred.size >= MAX_BARRED) chat.room.invites.delete(inviteId);
      else barred.add(userId);
    }
  }

  const list: RoomStore['list'] = async (userId, roomId) => {
    lists.set(userId, (lists.get(userId) ?? new Set()).add(roomId));
  };

  return {
    find: async (roomId) => rooms.get(roomId) ?? null,
    keep: async () => {},
    list,

    async look(place, userIds) {
      const chat = chatOf(place);
      if (!chat || chat.head.roomId === null) return null;
      const { roomId, ownerName, viewersFork } = chat.head;
      const members = userIds.flatMap((userId) => {
        const member = chat.room.members.get(userId);
        return member ? [[userId, { ...member }] as const] : [];
      });
      return { roomId, ownerName, viewersFork, members: new Map(members) };
    },

    async people(place) {
      const chat = chatOf(place);
      if (!chat) return null;
      const { roomId, ownerName, createdAt } = chat.head;
      return { roomId, ownerName, createdAt, members: [...chat.room.members.values()].map((one) => ({ ...one })) };
    },

    async invite(place, { inviteId, tokenHash, role, livesMs, maxUses, newRoomId, ownerName, maxInvites }) {
      const chat = chatOf(place);
      if (!chat) return null;
      if (maxInvites > 0 && allUsable(chat).length >= maxInvites) return 'full';
      const createdAt = Date.now();
      const expiresAt = createdAt + livesMs;
      const roomId = (chat.head.roomId ??= newRoomId);
      chat.head.ownerName ??= ownerName ?? null;
      chat.room.invites.set(inviteId, { inviteId, role, createdAt, expiresAt, maxUses, uses: 0, barred: new Set() });
      rooms.set(roomId, { ownerId: place.ownerId, chatId: place.chatId });
      for (const [hash, { until }] of tokens) if (until < createdAt) tokens.delete(hash);
      tokens.set(tokenHash, { ...place, inviteId, until: expiresAt + TOKEN_KEPT_MS });
      changed(chat, place.ownerId);
      return { roomId, expiresAt };
    },

    async invites(place) {
      const chat = chatOf(place);
      return chat ? allUsable(chat).map(({ barred: _, ...invite }) => invite) : null;
    },

    async revoke(place, which) {
      const chat = chatOf(place);
      if (!chat) return null;
      const revoked = which === 'all' ? [...chat.room.invites.keys()] : [which.inviteId];
      const count = revoked.filter((inviteId) => chat.room.invites.delete(inviteId)).length;
      if (count > 0) changed(chat, place.ownerId);
      return count;
    },

    async placeOf(tokenHash) {
      const place = tokens.get(tokenHash);
      if (!place) return null;
      const { ownerId, chatId, inviteId } = place;
      return { ownerId, chatId, inviteId };
    },

    async invited(place, userId) {
      const chat = chatOf(place);
      if (!chat || chat.head.roomId === null) return { what: 'over' };
      const invite = usable(chat, place.inviteId);
      const member = chat.room.members.get(userId);
      const isIn = userId === place.ownerId || member !== undefined;
      if (!isIn && (!invite || invite.barred.has(userId))) return { what: 'over' };
      const { roomId, title, ownerName, count } = chat.head;
      return {
        what: isIn ? 'joined' : 'open',
        roomId,
        role: invite?.role ?? member?.role ?? 'editor',
        expiresAt: invite?.expiresAt ?? 0,
        title,
        ownerName: ownerName ?? '',
        messages: count,
        members: chat.room.members.size,
      };
    },

    async join({ inviteId, userId, name, isGuest, onlyViewer, maxMembers, ...place }) {
      const chat = chatOf(place);
      if (!chat || chat.head.roomId === null) return { what: 'over' };
      const { members, invites } = chat.room;
      const { roomId } = chat.head;
      if (userId === place.ownerId) return { what: 'again', role: 'owner', roomId };
      const known = members.get(userId);
      if (known) return { what: 'again', role: known.role, roomId };
      const invite = usable(chat, inviteId);
      if (!invite || invite.barred.has(userId)) return { what: 'over' };
      if (maxMembers > 0 && members.size >= maxMembers) return { what: 'full' };
      invite.uses += 1;
      if (invite.uses >= invite.maxUses) invites.delete(inviteId);
      const role = onlyViewer ? 'viewer' : invite.role;
      members.set(userId, { userId, role, name, since: new Date().toISOString(), by: inviteId, isGuest });
      await list(userId, roomId);
      changed(chat, userId);
      return { what: 'joined', role, roomId };
    },

    async change({ userId, role, name, guestsMayEdit, by, ...place }) {
      const chat = chatOf(place);
      const member = chat?.room.members.get(userId);
      if (!chat || !member) return null;
      if (role === 'editor' && member.isGuest && !guestsMayEdit) return 'guest';
      if (role === 'viewer' && member.role === 'editor') bar(chat, userId, 'editor');
      if (role !== undefined) member.role = role;
      if (name !== undefined) member.name = name;
      changed(chat, by);
      return { ...member };
    },

    async remove({ userId, roomId, by, bars, ...place }) {
      const chat = chatOf(place);
      lists.get(userId)?.delete(roomId);
      if (!chat?.room.members.delete(userId)) return false;
      if (bars) bar(chat, userId);
      changed(chat, by);
      return true;
    },

    async roomsOf(userId) {
      const found: RoomEntry[] = [];
      for (const roomId of [...(lists.get(userId) ?? [])].reverse()) {
        const chat = rooms.get(roomId) && chatOf(rooms.get(roomId)!);
        const member = chat?.room.members.get(userId);
        if (!chat || !member || chat.head.roomId !== roomId) {
          lists.get(userId)!.delete(roomId);
          continue;
        }
        const { title, ownerName, updatedAt, stream } = chat.head;
        found.push({ roomId, title, role: member.role, ownerName: ownerName ?? '', updatedAt, stream });
      }
      return found;
    },

    drop: async (roomId) => void rooms.delete(roomId),

    async countJoin(subject) {
      const now = Date.now();
      for (const [key, { until }] of joins) if (until < now) joins.delete(key);
      const key = keyOf(subject);
      const known = joins.get(key) ?? { count: 0, until: now + 60_000 };
      joins.set(key, { ...known, count: known.count + 1 });
      return known.count + 1;
    },
  };
}

const keyOf = (subject: Subject): string => ('userId' in subject ? `u${subject.userId}` : `a${subject.address}`);
