import type { StoredMessage } from '../../../../shared/chat/messages.ts';
import { chatKey, queueKey } from '../../redis/keys.ts';
import type { RedisConnection } from '../../redis/redis-connection.ts';
import { roleRefusal, type RoleRefusal } from '../../rooms/role-refusal.ts';
import { packMessage, unpackMessage } from '../message-codec.ts';
import type { RoomChat } from '../../rooms/room-store.ts';
import type { RedisChatList } from '../redis-chat-list.ts';
import type { Said, SaidStore } from './said-store.ts';

/** Said messages in Redis. `place-said.lua` describes the fields. */
export function createRedisSaidStore({
  redis,
  ttlMs,
  chatList,
  rooms,
}: {
  redis: RedisConnection;
  ttlMs: number;
  chatList: Pick<RedisChatList, 'add'>;
  /** `keep`: postpones the expiry of a room, so that the room is kept for at least as long as its chat. */
  rooms: { keep(roomId: string, chat: RoomChat): Promise<unknown> };
}): SaidStore {
  const { bulk, callBulk, call } = redis;
  return {
    async say({ userId, chatId, member, message, after, maxMessages }) {
      const { id, chars, bytes, packed, words } = await packMessage(message as StoredMessage);
      const [said, second, third, room] = (await callBulk(
        bulk.say(
          [chatKey(userId, chatId), queueKey(userId, chatId)],
          [
            member ?? '',
            id,
            after === 'newest' ? '>' : (after.id ?? '/'),
            String(chars),
            String(bytes),
            packed,
            words,
            new Date().toISOString(),
            String(ttlMs),
            String(maxMessages),
          ],
        ),
      )) as [Buffer, Buffer?, Buffer?, Buffer?];
      const what = said.toString() as Said['what'] | RoleRefusal;
      if (what === 'no-role' || what === 'small-role') throw roleRefusal(what);
      if (what === 'known') return { what, message: await unpackMessage(second!, null) };
      if (what === 'said' || what === 'waits') {
        const changedMs = Date.parse(second!.toString());
        const list = third!.length > 0 ? 'temporary' : 'recent';
        const roomId = room!.toString();
        await Promise.all([
          call(chatList.add(userId, chatId, { changedMs, list })),
          roomId === '' ? null : rooms.keep(roomId, { ownerId: userId, chatId }),
        ]);
      }
      return { what };
    },
  };
}
