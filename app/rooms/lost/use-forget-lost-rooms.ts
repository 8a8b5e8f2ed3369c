import { useEffect } from 'react';
import type { RoomSummary } from '../../../shared/chat/rooms.ts';
import { forgetLost } from '~/layout/kept-chats.ts';
import { browserStorage, tabStorage } from '~/ui/browser/browser-storage.ts';
import { roomIdRef } from '~/rooms/room-ref.ts';

/**
 * Removes what this browser has stored about rooms of which the person is no longer a member. `rooms`: all rooms of which the
 * person is a member.
 */
export function useForgetLostRooms(userId: string, rooms: readonly Pick<RoomSummary, 'roomId'>[]): void {
  useEffect(() => {
    const kept = new Set(rooms.map(({ roomId }) => roomIdRef(roomId)));
    forgetLost((chatId) => chatId.startsWith(roomIdRef('')) && !kept.has(chatId));
    for (const chatId of roomsIn([...browserStorage.keys(), ...tabStorage.keys()], userId)) {
      if (kept.has(chatId)) continue;
      // If the module cannot be loaded, the next page tries again.
      import('./forget-room.ts').then(
        ({ forgetRoom }) => forgetRoom({ userId, chatId }),
        () => undefined,
      );
    }
  }, [userId, rooms]);
}

/** Finds the rooms (`~<roomId>`) in storage keys, for example in `rejoin:draft:<userId>:~<roomId>`. */
export function roomsIn(keys: readonly string[], userId: string): Set<string> {
  const found = new Set<string>();
  for (const key of keys) {
    const [app, kind] = key.split(':', 2);
    const start = `${app}:${kind}:${userId}:`;
    if (app === 'rejoin' && key.startsWith(`${start}${roomIdRef('')}`)) found.add(key.slice(start.length));
  }
  return found;
}
