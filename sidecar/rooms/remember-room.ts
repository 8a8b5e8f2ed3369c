import type { RoomStore } from '../store/rooms/room-store.ts';

/** How many visits this process remembers. When the same person visits the same room again, no call to the store is needed. */
const REMEMBERED = 10_000;

/**
 * When a member visits a room, puts the room into the member's list of rooms again, in case it was lost there. The list and the
 * room are in different Redis slots, so a process may die after the join and before it writes the list. The list also expires.
 */
export function createRememberRoom({ rooms }: { rooms: Pick<RoomStore, 'list'> }) {
  const seen = new Set<string>();

  return function rememberRoom(userId: string, roomId: string): void {
    const key = `${userId} ${roomId}`;
    if (seen.has(key)) return;
    if (seen.size >= REMEMBERED) seen.clear();
    seen.add(key);
    rooms.list(userId, roomId).catch(() => seen.delete(key));
  };
}
