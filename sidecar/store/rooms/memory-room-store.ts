import type { ChatHead } from '../chats/chat-store.ts';
import type { KeptMember, RoomChat, RoomStore } from './room-store.ts';

/** What is needed of a chat in memory. */
export interface MemoryRoomChat {
  head: ChatHead;
  members: Map<string, KeptMember>;
}

/** Rooms in the memory of one process. */
export function createMemoryRoomStore({
  find,
}: {
  find(userId: string, chatId: string): MemoryRoomChat | undefined;
}): RoomStore {
  const rooms = new Map<string, RoomChat>();

  return {
    find: async (roomId) => rooms.get(roomId) ?? null,

    async look({ ownerId, chatId }, userIds) {
      const kept = find(ownerId, chatId);
      if (!kept || kept.head.roomId === null) return null;
      const { roomId, ownerName, viewersFork } = kept.head;
      const members = userIds.flatMap((userId) => {
        const member = kept.members.get(userId);
        return member ? [[userId, { ...member }] as const] : [];
      });
      return { roomId, ownerName, viewersFork, members: new Map(members) };
    },
  };
}
