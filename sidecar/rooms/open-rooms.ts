import type { ChatStore } from '../store/chats/chat-store.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';
import type { ManageQueue } from '../streams/queue/manage-queue.ts';
import { createInvites, type Invites } from './invites.ts';
import { createJoins, type Joins } from './joins.ts';
import { createMembers, type Members } from './members.ts';
import { createRememberRoom } from './remember-room.ts';
import { createRoomList, type ListRooms } from './room-list.ts';
import type { RoomSettings } from './room-settings.ts';

export function openRooms({
  chats,
  store,
  queue,
  settings,
}: {
  chats: ChatStore;
  store: StreamStore;
  queue: Pick<ManageQueue, 'removeAllOf'>;
  settings: RoomSettings;
}): {
  members: Members;
  invites: Invites;
  joins: Joins;
  listRooms: ListRooms;
  rememberRoom: (userId: string, roomId: string) => void;
} {
  const { rooms } = chats;
  return {
    members: createMembers({
      rooms,
      chats,
      settings,
      // This announcement makes every sidecar cut off people who lost their role. If the announcement fails, these people are cut off
      // a little later, because every sidecar also reads the roles again every few seconds.
      onRolesChanged: (chat) => store.announce({ type: 'access', ...chat }).catch(() => {}),
      removeTurns: ({ ownerId, chatId }, member) =>
        queue.removeAllOf({ userId: ownerId, chatId }, member).catch(() => {}),
    }),
    invites: createInvites({ rooms, settings }),
    joins: createJoins({ rooms, settings }),
    listRooms: createRoomList({ rooms, store }),
    rememberRoom: createRememberRoom({ rooms }),
  };
}
