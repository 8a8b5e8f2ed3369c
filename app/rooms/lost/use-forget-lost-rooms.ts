import { useEffect } from 'react';
import type { RoomSummary } from '../../../shared/rooms.ts';
import { browserStorage } from '~/ui/browser-storage.ts';
import { roomIdRef } from '~/rooms/room-ref.ts';

/**
 * Forgets what this browser has of rooms that the person has left, or was removed from while no page of them was open.
 * `rooms` are all rooms of the person.
 */
export function useForgetLostRooms(userId: string, rooms: readonly Pick<RoomSummary, 'roomId'>[]): void {
  useEffect(() => {
    const kept = new Set(rooms.map(({ roomId }) => roomIdRef(roomId)));
    for (const chatId of roomsIn(browserStorage.keys(), userId)) {
      if (kept.has(chatId)) continue;
      // Without a network they are forgotten the next time.
      import('./forget-room.ts').then(
        ({ forgetRoom }) => forgetRoom({ userId, chatId }),
        () => undefined,
      );
    }
  }, [userId, rooms]);
}

/** The rooms of which a browser has entries: `rejoin:draft:<userId>:~<roomId>`. */
export function roomsIn(keys: readonly string[], userId: string): Set<string> {
  const found = new Set<string>();
  for (const key of keys)
    for (const kind of ['draft', 'stream']) {
      const start = `rejoin:${kind}:${userId}:`;
      if (key.startsWith(`${start}${roomIdRef('')}`)) found.add(key.slice(start.length));
    }
  return found;
}
