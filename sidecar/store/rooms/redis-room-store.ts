import type { MemberRole, Role } from '../../../shared/chat/rooms.ts';
import { memberField } from '../chats/chat-fields.ts';
import { chatBell, chatKey, inviteKey, joinsKey, roomKey, userRoomsKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { ROOM_LIST_MS, TOKEN_KEPT_MS, type KeptMember, type RoomChat, type RoomStore } from './room-store.ts';

const JOINS_WINDOW_MS = 60_000;

/** Rooms in Redis. `invite-state.lua` and `join.lua` describe the fields. */
export function createRedisRoomStore({ redis, ttlMs }: { redis: RedisConnection; ttlMs: number }): RoomStore {
  const { commands, bulkText, call, callBulk } = redis;
  const keyOf = ({ ownerId, chatId }: RoomChat) => chatKey(ownerId, chatId);
  const bellOf = ({ ownerId, chatId }: RoomChat) => chatBell(ownerId, chatId);

  const find: RoomStore['find'] = async (roomId) => {
    const [ownerId, chatId] = await call(commands.hmGet(roomKey(roomId), ['owner', 'chat']));
    return ownerId && chatId ? { ownerId, chatId } : null;
  };

  /** Extends the life of the room's key. Writes the key again if it was lost. */
  const keep: RoomStore['keep'] = async (roomId, { ownerId, chatId }) => {
    const lives = String(ttlMs + SLACK_MS);
    await call(commands.keep([roomKey(roomId)], [lives, 'HSET', 'owner', ownerId, 'chat', chatId]));
  };

  const list: RoomStore['list'] = async (userId, roomId) => {
    const entry = ['NX', String(Date.now()), roomId];
    await call(commands.keep([userRoomsKey(userId)], [String(ROOM_LIST_MS), 'ZADD', ...entry]));
  };

  return {
    find,
    keep,
    list,

    async look(chat, userIds) {
      const fields = ['createdAt', 'room', 'ownerName', 'viewersFork', ...userIds.map(memberField)];
      const [createdAt, roomId, ownerName, viewersFork, ...kept] = await call(commands.hmGet(keyOf(chat), fields));
      if (!createdAt || !roomId) return null;
      const members = userIds.flatMap((userId, i) => (kept[i] ? [[userId, toMember(userId, kept[i])] as const] : []));
      return { roomId, ownerName: ownerName ?? null, viewersFork: !!viewersFork, members: new Map(members) };
    },

    async people(chat) {
      const [createdAt, roomId, ownerName, ...flat] = (await call(commands.members([keyOf(chat)], []))) as string[];
      if (createdAt === undefined) return null;
      return {
        createdAt,
        roomId: roomId || null,
        ownerName: ownerName || null,
        members: pairsOf(flat).map(([userId, json]) => toMember(userId, json)),
      };
    },

    async invite(chat, { inviteId, tokenHash, role, livesMs, maxUses, newRoomId, ownerName, maxInvites }) {
      const [what, roomId, expires] = (await call(
        commands.invite(
          [keyOf(chat)],
          [
            inviteId,
            role,
            String(livesMs),
            String(maxUses),
            newRoomId,
            ownerName ?? '',
            String(maxInvites),
            bellOf(chat),
            chat.ownerId,
          ],
        ),
      )) as ['made', string, string] | ['full'] | [];
      if (what === undefined) return null;
      if (what === 'full') return 'full';
      const expiresAt = Number(expires);
      const lives = String(livesMs + TOKEN_KEPT_MS);
      const place = ['owner', chat.ownerId, 'chat', chat.chatId, 'invite', inviteId];
      await Promise.all([call(commands.keep([inviteKey(tokenHash)], [lives, 'HSET', ...place])), keep(roomId, chat)]);
      return { roomId, expiresAt };
    },

    async invites(chat) {
      const [known, ...flat] = (await call(commands.invites([keyOf(chat)], []))) as [1, ...string[]] | [];
      if (known === undefined) return null;
      return pairsOf(flat).map(([inviteId, json]) => {
        const { role, createdAt, expiresAt, maxUses, uses } = JSON.parse(json) as InviteJson;
        return { inviteId, role, createdAt, expiresAt, maxUses, uses };
      });
    },

    async revoke(chat, which) {
      const inviteId = which === 'all' ? '' : which.inviteId;
      const revoked = (await call(commands.revoke([keyOf(chat)], [inviteId, bellOf(chat), chat.ownerId]))) as number;
      return revoked === -1 ? null : revoked;
    },

    async placeOf(tokenHash) {
      const [ownerId, chatId, inviteId] = await call(commands.hmGet(inviteKey(tokenHash), ['owner', 'chat', 'invite']));
      return ownerId && chatId && inviteId ? { ownerId, chatId, inviteId } : null;
    },

    async invited(place, userId) {
      const [what, role, expiresAt, title, ownerName, messages, members, roomId] = (await call(
        commands.lookAtInvite([keyOf(place)], [place.inviteId, userId, place.ownerId]),
      )) as ['open' | 'joined', MemberRole, string, string, string, number, number, string] | ['over'];
      if (what === 'over') return { what };
      return {
        what,
        role: role!,
        expiresAt: Number(expiresAt),
        title: title!,
        ownerName: ownerName!,
        messages: messages!,
        members: members!,
        roomId: roomId!,
      };
    },

    async join({ inviteId, userId, name, isGuest, onlyViewer, maxMembers, ...chat }) {
      const flags = [isGuest, onlyViewer].map((flag) => (flag ? '1' : ''));
      const [what, role, roomId] = (await call(
        commands.join(
          [keyOf(chat)],
          [inviteId, userId, name, now(), String(maxMembers), ...flags, bellOf(chat), chat.ownerId],
        ),
      )) as ['joined' | 'again', Role, string] | ['over' | 'full'];
      if (what === 'over' || what === 'full') return { what };
      if (role !== 'owner') await Promise.all([list(userId, roomId!), keep(roomId!, chat)]);
      return { what, role: role!, roomId: roomId! };
    },

    async change({ userId, role, name, guestsMayEdit, by, ...chat }) {
      const [changed] = (await call(
        commands.changeMember(
          [keyOf(chat)],
          [userId, role ?? '', name ?? '', guestsMayEdit ? '1' : '', bellOf(chat), by],
        ),
      )) as [string?];
      if (changed === undefined) return null;
      return changed === 'guest' ? changed : toMember(userId, changed);
    },

    async remove({ userId, roomId, by, bars, ...chat }) {
      const [removed] = await call(
        Promise.all([
          commands.removeMember([keyOf(chat)], [userId, bars ? '1' : '', bellOf(chat), by]) as Promise<number>,
          commands.zRem(userRoomsKey(userId), roomId),
        ]),
      );
      return removed === 1;
    },

    async roomsOf(userId) {
      const key = userRoomsKey(userId);
      const [roomIds] = await callBulk(
        Promise.all([bulkText.zRange(key, 0, -1, { REV: true }), bulkText.pExpire(key, ROOM_LIST_MS)]),
      );
      const entries = await Promise.all(
        roomIds.map(async (roomId) => {
          const chat = await find(roomId);
          if (chat === null) return null;
          const [createdAt, room, kept, ...known] = await callBulk(
            bulkText.hmGet(keyOf(chat), ['createdAt', 'room', memberField(userId), ...ENTRY_FIELDS]),
          );
          if (!createdAt || room !== roomId || !kept) return null;
          const [title, ownerName, updatedAt, stream] = known;
          return {
            roomId,
            role: toMember(userId, kept).role,
            title: title ?? '',
            ownerName: ownerName ?? '',
            updatedAt: updatedAt ?? createdAt,
            stream: stream ?? null,
          };
        }),
      );
      const gone = roomIds.filter((_roomId, i) => entries[i] === null);
      if (gone.length > 0) await call(commands.zRem(key, gone));
      return entries.filter((entry) => entry !== null);
    },

    drop: async (roomId) => void (await call(commands.del(roomKey(roomId)))),

    async countJoin(subject) {
      return (await call(commands.tally([joinsKey(subject)], [String(JOINS_WINDOW_MS)]))) as number;
    },
  };
}

const ENTRY_FIELDS = ['title', 'ownerName', 'updatedAt', 'stream'];

/**
 * The key of a room is kept for this much longer than the key of its chat. The start of an answer extends only the life of the
 * chat's key. The end of the answer extends the lives of both keys, and every answer ends within this time.
 */
const SLACK_MS = 24 * 3600 * 1000;

const now = () => new Date().toISOString();

interface InviteJson {
  role: MemberRole;
  createdAt: number;
  expiresAt: number;
  maxUses: number;
  uses: number;
}

/** Reads the value of a chat's field `u:<user id>`. */
export function toMember(userId: string, json: string): KeptMember {
  const { role, name, since, by, guest } = JSON.parse(json) as Omit<KeptMember, 'isGuest'> & { guest?: true };
  return { userId, role, name, since, by, isGuest: guest === true };
}

function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!]);
  return pairs;
}
