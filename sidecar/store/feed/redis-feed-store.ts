import type { RoomChange } from '../../../shared/chat/rooms.ts';
import { chatBell, chatKey, hereKey } from '../redis/keys.ts';
import { createRedisBells } from '../redis/redis-bells.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { toMember } from '../rooms/redis-room-store.ts';
import {
  entryOf,
  HERE_MS,
  TYPING_MS,
  type FeedStore,
  type HereEntry,
  type PresenceChange,
  type Ring,
  type RoomNow,
} from './feed-store.ts';

/** The sorted set of who is here expires this long after an entry was last added or renewed. */
const KEPT_MS = 2 * HERE_MS;

export function createRedisFeedStore({ redis }: { redis: RedisConnection }): FeedStore {
  const { commands, call } = redis;
  const bells = createRedisBells(redis);

  return {
    listen: ({ ownerId, chatId }, onRing) =>
      bells.listen(chatBell(ownerId, chatId), (message) => onRing(ringIn(message.toString()))),

    async here({ ownerId, chatId }, changes, word) {
      const [now, v = 0, ownerName = '', ...flat] = (await call(
        commands.here(
          [chatKey(ownerId, chatId), hereKey(ownerId, chatId)],
          [chatBell(ownerId, chatId), word, String(KEPT_MS), ownerId, ...changes.flatMap(toArgs)],
        ),
      )) as [string, number, string, ...string[]] | [];
      if (now === undefined) return null;
      return toRoomNow({ now: Number(now), v, ownerId, ownerName, flat });
    },

    onReturn: (listener) => redis.onReconnect(listener),
  };
}

const TYPING = ' typing';

function toArgs(change: PresenceChange): string[] {
  const entry = entryOf(change);
  switch (change.what) {
    case 'stay':
    case 'come':
      return [change.what, entry, String(HERE_MS)];
    case 'leave':
      return [change.what, entry, String(change.until)];
    case 'type':
      return ['stay', entry + TYPING, String(TYPING_MS)];
    case 'stopTyping':
      return ['stop', entry + TYPING, ''];
  }
}

function toRoomNow({
  now,
  v,
  ownerId,
  ownerName,
  flat,
}: {
  now: number;
  v: number;
  ownerId: string;
  ownerName: string;
  flat: string[];
}): RoomNow {
  const here = new Map<string, HereEntry>();
  const typing = new Set<string>();
  let nextLapse = Number.POSITIVE_INFINITY;
  for (let i = 0; i < flat.length; i += 3) {
    const [entry = '', score, json = ''] = flat.slice(i, i + 3);
    nextLapse = Math.min(nextLapse, Number(score));
    const [userId = '', tab = '', mark] = entry.split(' ');
    if (mark !== undefined) typing.add(entryOf({ userId, tab }));
    else {
      const { name, role } = userId === ownerId ? { name: ownerName, role: 'owner' as const } : toMember(userId, json);
      here.set(entry, { userId, tab, name, role, typing: false });
    }
  }
  for (const entry of typing) {
    const one = here.get(entry);
    if (one) one.typing = true;
  }
  return {
    v,
    here: [...here.values()],
    until: now + HERE_MS,
    nextLapseMs: Number.isFinite(nextLapse) ? nextLapse - now : null,
  };
}

/** Reads a message of the bell: `<version> <what> <user id or ''>` of `ring.lua`, or `here <word>` of `here.lua`. */
function ringIn(message: string): Ring {
  const [first = '', second = '', third = ''] = message.split(' ');
  if (first === 'here') return { kind: 'here', word: second };
  const v = Number(first);
  if (message === '' || !Number.isSafeInteger(v)) return { kind: 'unknown' };
  return { kind: 'change', v, what: second as RoomChange['what'], by: third === '' ? null : third };
}
