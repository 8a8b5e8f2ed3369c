import { memberField } from '../chats/chat-fields.ts';
import { chatKey, roomKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { KeptMember, RoomStore } from './room-store.ts';

/** Rooms in Redis. The scripts in lua/rooms describe the fields. */
export function createRedisRoomStore({ redis }: { redis: RedisConnection }): RoomStore {
  const { commands, call } = redis;

  return {
    async find(roomId) {
      const [ownerId, chatId] = await call(commands.hmGet(roomKey(roomId), ['owner', 'chat']));
      return ownerId && chatId ? { ownerId, chatId } : null;
    },

    async look({ ownerId, chatId }, userIds) {
      const fields = ['createdAt', 'room', 'ownerName', 'viewersFork', ...userIds.map(memberField)];
      const [createdAt, roomId, ownerName, viewersFork, ...kept] = await call(
        commands.hmGet(chatKey(ownerId, chatId), fields),
      );
      if (!createdAt || !roomId) return null;
      const members = userIds.flatMap((userId, i) => (kept[i] ? [[userId, toMember(userId, kept[i])] as const] : []));
      return { roomId, ownerName: ownerName ?? null, viewersFork: !!viewersFork, members: new Map(members) };
    },
  };
}

/** The value of `u:<user id>`. */
const toMember = (userId: string, json: string): KeptMember => {
  const { role, name, since } = JSON.parse(json) as Omit<KeptMember, 'userId'>;
  return { userId, role, name, since };
};
