import type { RoomStore } from '../store/rooms/room-store.ts';

/** How many pairs of a person and a room this process remembers. For a remembered pair, the store is not called again. */
const REMEMBERED = 10_000;

/**
 * When a member visits a room, puts the room into the member's list of rooms, because the list may lack the room. A join changes the
 * room and the list in two steps, and the process may die between these steps. The list may also have expired.
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
