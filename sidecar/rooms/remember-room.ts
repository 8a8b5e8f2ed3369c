import type { RoomStore } from '../store/rooms/room-store.ts';

/** How many visits this process remembers. A visit that it remembers needs no call to the store. */
const REMEMBERED = 10_000;

/**
 * Puts a room that a member visits into their list again. The list is in another slot than the room, so an entry can be lost:
 * a process may die between a join and the list, and the list itself expires.
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
