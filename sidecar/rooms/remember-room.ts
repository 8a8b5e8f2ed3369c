import type { RoomStore } from '../store/rooms/room-store.ts';

/** How many visits this process remembers. A visit that it remembers needs no call to the store. */
const REMEMBERED = 10_000;

/**
 * Adds a room that a member visits to their list of rooms again. An entry of the list can be lost: the list and the room are in
 * different Redis slots, so a process may die after the join and before it writes the list. The list also expires.
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
