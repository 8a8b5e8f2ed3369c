import type { RoomSummary } from '../../shared/chat/rooms.ts';
import type { RoomStore } from '../store/rooms/room-store.ts';
import { isRunning, type StreamStore } from '../store/streams/stream-store.ts';

/** The rooms that other people own and in which the user is a member, the most recently changed first. */
export type ListRooms = (userId: string) => Promise<RoomSummary[]>;

export function createRoomList({
  rooms,
  store,
}: {
  rooms: Pick<RoomStore, 'roomsOf'>;
  store: Pick<StreamStore, 'meta'>;
}): ListRooms {
  return async (userId) => {
    const entries = await rooms.roomsOf(userId);
    const summaries = await Promise.all(
      entries.map(async ({ roomId, title, role, ownerName, updatedAt, stream }) => {
        const meta = stream === null ? null : await store.meta(stream);
        const isActive = meta !== null && isRunning(meta.status);
        return { roomId, title, role, owner: ownerName, updatedAt, isActive };
      }),
    );
    return summaries.sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  };
}
