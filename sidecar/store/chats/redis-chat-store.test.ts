import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { StoredMessage } from '../../../shared/chat/messages.ts';
import { chatQueueSuite } from './chat-queue.suite.ts';
import { chatStoreSuite } from './chat-store.suite.ts';
import { chatKey, inviteKey, joinsKey, queueKey, roomKey, userChatsKey, userRoomsKey } from '../redis/keys.ts';
import { forkStoreSuite } from './forks/fork-store.suite.ts';
import { COPY_MS } from './forks/fork-store.ts';
import { roomStoreSuite } from '../rooms/room-store.suite.ts';
import { createRedisChatStore } from './redis-chat-store.ts';
import { createRedisUsageStore } from '../counts/redis-usage-store.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

let redis: RedisConnection;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.chatStore });
});
afterAll(() => redis.close());

chatStoreSuite('Redis', async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));
chatQueueSuite('Redis', async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));
roomStoreSuite('Redis', async ({ ttlMs }) => createRedisChatStore({ redis, ttlMs }));
forkStoreSuite('Redis', async () => createRedisChatStore({ redis, ttlMs: 60_000 }));

describe('in Redis', () => {
  test('a chat and the list of recent chats expire; pointing the chat at a new stream postpones the expiry of both', async () => {
    const TTL_MS = 60_000;
    const store = createRedisChatStore({ redis, ttlMs: TTL_MS });
    const [userId, chatId] = [randomId('user'), randomId('chat')];
    const point = (streamId: string, seen: string | null) =>
      store.point({ userId, chatId, seen, streamId, title: '', instructions: undefined, messages: [] });
    const keys = [chatKey(userId, chatId), userChatsKey(userId)];
    await point('s1', null);
    for (const key of keys) await redis.commands.pExpire(key, 1000);
    await point('s2', 's1');
    for (const key of keys) {
      const ttl = await redis.commands.pTTL(key);
      expect(ttl).toBeGreaterThan(TTL_MS - 5000);
      expect(ttl).toBeLessThanOrEqual(TTL_MS);
    }
  });

  test('a chat is pointed at a stream only if space for the stream is reserved in the quota of each subject', async () => {
    const store = createRedisChatStore({ redis, ttlMs: 60_000 });
    const usage = createRedisUsageStore({ redis });
    const [userId, address, chatId, streamId] = [
      randomId('user'),
      randomId('address'),
      randomId('chat'),
      randomId('s'),
    ];
    const reservedBy = [{ userId }, { address }];
    const point = () =>
      store.point({
        userId,
        chatId,
        seen: null,
        streamId,
        title: '',
        instructions: undefined,
        messages: [],
        reservedBy,
      });
    for (const subject of reservedBy) {
      expect((await point()).at).toBe('');
      expect(await store.pointer(userId, chatId)).toBeNull();
      const holdings = [{ member: `s${streamId}`, bytes: 1, ttlMs: 60_000 }];
      await usage.hold({ subject, holdings, maxBytes: 0, maxChats: 0 });
    }
    expect((await point()).at).toBe(streamId);
  });

  test('all keys of a room expire, and `roomKey` expires later than the chat; the end of an answer restores a lost `roomKey`', async () => {
    const TTL_MS = 60_000;
    const store = createRedisChatStore({ redis, ttlMs: TTL_MS });
    const [ownerId, chatId, roomId, userId] = [randomId('user'), randomId('chat'), randomId('room'), randomId('user')];
    const tokenHash = randomId('hash');
    const { rooms } = store;
    await store.point({
      userId: ownerId,
      chatId,
      seen: null,
      streamId: 's',
      title: '',
      instructions: undefined,
      messages: [],
    });
    const chat = { ownerId, chatId };
    const inviteId = 'i1';
    await rooms.invite(chat, {
      inviteId,
      tokenHash,
      role: 'viewer',
      livesMs: 5000,
      maxUses: 1,
      newRoomId: roomId,
      ownerName: undefined,
      maxInvites: 0,
    });
    await rooms.join({ ...chat, inviteId, userId, name: 'N', isGuest: false, onlyViewer: false, maxMembers: 0 });
    await rooms.countJoin({ userId });
    const ttl = (key: string) => redis.commands.pTTL(key);
    const DAY_MS = 24 * 3600 * 1000;
    expect(await ttl(roomKey(roomId))).toBeGreaterThan(TTL_MS);
    expect(await ttl(roomKey(roomId))).toBeLessThanOrEqual(TTL_MS + DAY_MS);
    expect(await ttl(inviteKey(tokenHash))).toBeLessThanOrEqual(5000 + 30 * DAY_MS);
    for (const key of [inviteKey(tokenHash), userRoomsKey(userId), joinsKey({ userId })])
      expect(await ttl(key)).toBeGreaterThan(0);
    await redis.commands.del(roomKey(roomId));
    const answer = {
      id: 'a',
      role: 'assistant' as const,
      parts: [],
      parentId: null,
      createdAt: '',
      status: 'completed' as const,
    };
    await store.settle(ownerId, chatId, 's', answer);
    expect(await rooms.find(roomId)).toEqual(chat);
    expect(await ttl(roomKey(roomId))).toBeGreaterThan(TTL_MS);
    expect(await redis.commands.hGet(inviteKey(tokenHash), 'invite')).toBe(inviteId);
  });

  test('a very long queue can be discarded, and can be deleted with its chat', async () => {
    const store = createRedisChatStore({ redis, ttlMs: 60_000 });
    const [userId, chatId] = [randomId('user'), randomId('chat')];
    await store.point({ userId, chatId, seen: null, streamId: 's1', title: '', instructions: undefined, messages: [] });
    const turns = Array.from({ length: 9000 }, (_, n) => `a${n}`);
    const fill = () => redis.commands.rPush(queueKey(userId, chatId), turns);
    await fill();
    expect((await store.changeQueue(userId, chatId, { what: 'discard' }))!.removed).toEqual(turns);
    expect((await store.queue(userId, chatId))!.turns).toEqual([]);
    await fill();
    expect((await store.delete(userId, chatId))!.answers).toEqual(turns);
  });

  test('a fork that is being copied expires later after each batch of messages; then it expires like a chat; `finishCopy` may be repeated', async () => {
    const DAY_MS = 24 * 60 * 60 * 1000;
    const store = createRedisChatStore({ redis, ttlMs: DAY_MS });
    const [userId, chatId, forkId] = [randomId('user'), randomId('chat'), randomId('fork')];
    const question: StoredMessage = { id: 'q1', role: 'user', parts: [], parentId: null, createdAt: '' };
    await store.point({
      userId,
      chatId,
      seen: null,
      streamId: 's1',
      title: '',
      instructions: undefined,
      messages: [question],
    });
    const origin = { chatId, messageId: 'q1', at: null, isNow: false, title: '' };
    const copying = { userId, forkId, source: { ownerId: userId, chatId }, origin };
    const ttlOf = () => redis.commands.pTTL(chatKey(userId, forkId));
    for (const ids of [[], ['q1']]) {
      await store.copy(copying, { ids });
      expect(await ttlOf()).toBeGreaterThan(COPY_MS - 60_000);
      expect(await ttlOf()).toBeLessThanOrEqual(COPY_MS);
      await redis.commands.pExpire(chatKey(userId, forkId), 5000);
    }
    await store.finishCopy({ ...copying, count: 1, title: 'T', instructions: '', address: null, temporary: false });
    expect(await ttlOf()).toBeGreaterThan(DAY_MS - 60_000);
    // As if the process had died before it added the fork to the list.
    await redis.commands.del(userChatsKey(userId));
    await store.finishCopy({ ...copying, count: 1, title: 'T', instructions: '', address: null, temporary: false });
    expect((await store.list(userId, { before: null, limit: 5 })).chats).toMatchObject([{ chatId: forkId }]);
  });

  test('chats that have expired are removed from the list', async () => {
    const store = createRedisChatStore({ redis, ttlMs: 60_000 });
    const userId = randomId('user');
    for (const chatId of ['kept', 'expired'])
      await store.point({
        userId,
        chatId,
        seen: null,
        streamId: 's',
        title: '',
        instructions: undefined,
        messages: [],
      });
    await redis.commands.del(chatKey(userId, 'expired'));
    expect((await store.list(userId, { before: null, limit: 10 })).chats.map(({ chatId }) => chatId)).toEqual(['kept']);
    expect(await redis.commands.zRange(userChatsKey(userId), 0, -1)).toEqual(['kept']);
  });

  test('a temporary chat is deleted a day after it began, even if it gets new messages and other chats are kept longer', async () => {
    const DAY_MS = 24 * 60 * 60 * 1000;
    const store = createRedisChatStore({ redis, ttlMs: 30 * DAY_MS });
    const [userId, chatId] = [randomId('user'), randomId('chat')];
    const pointing = { userId, chatId, title: '', instructions: undefined, messages: [], temporary: true };
    const ttlOf = () => redis.commands.pTTL(chatKey(userId, chatId));
    await store.point({ ...pointing, seen: null, streamId: 's1' });
    expect(await ttlOf()).toBeGreaterThan(DAY_MS - 60_000);
    expect(await ttlOf()).toBeLessThanOrEqual(DAY_MS);
    await redis.commands.pExpire(chatKey(userId, chatId), 5000);
    await store.point({ ...pointing, seen: 's1', streamId: 's2' });
    await store.settle(userId, chatId, 's2', {
      id: 'a1',
      role: 'assistant',
      parts: [],
      parentId: null,
      createdAt: '',
      status: 'completed',
    });
    expect(await ttlOf()).toBeLessThanOrEqual(5000);
    expect(await redis.commands.exists(userChatsKey(userId))).toBe(0);
  });

  test('lists that a process left half changed are corrected when they are read', async () => {
    const store = createRedisChatStore({ redis, ttlMs: 60_000 });
    const userId = randomId('user');
    for (const chatId of ['archived', 'temporary', 'kept'])
      await store.point({
        userId,
        chatId,
        seen: null,
        streamId: 's',
        title: '',
        instructions: undefined,
        messages: [],
      });
    await redis.commands.hSet(chatKey(userId, 'archived'), 'archivedAt', '2026-11-22T10:00:00.000Z');
    await redis.commands.hSet(chatKey(userId, 'temporary'), 'temporary', '1');
    const idsIn = async (list: 'recent' | 'archived' | 'temporary') =>
      (await store.list(userId, { before: null, limit: 10, list })).chats.map(({ chatId }) => chatId);
    expect(await idsIn('recent')).toEqual(['kept']);
    expect([await idsIn('archived'), await idsIn('temporary')]).toEqual([['archived'], ['temporary']]);
    expect(await redis.commands.zRange(userChatsKey(userId), 0, -1)).toEqual(['kept']);
  });

  test('a search finds messages for which an older release stored no words, and stores the words of these messages', async () => {
    const store = createRedisChatStore({ redis, ttlMs: 60_000 });
    const [userId, chatId] = [randomId('user'), randomId('chat')];
    const message = (id: string, text: string): StoredMessage => ({
      id,
      role: 'user',
      parts: [{ type: 'text', text }],
      parentId: null,
      createdAt: '',
    });
    const messages = [message('q1', 'a needle'), message('q2', 'hay'), message('q3', 'another needle')];
    await store.point({ userId, chatId, seen: null, streamId: 's', title: 'Old', instructions: undefined, messages });
    const key = chatKey(userId, chatId);
    await redis.commands.hDel(key, ['words', 'w:q1', 'w:q3']);
    const find = async (...words: string[]) => {
      const turn = <T>(step: () => Promise<T>) => step();
      const { found } = await store.find(userId, words, { before: null, limit: 5, turn });
      return found.map(({ inTitle, messageId }) => [inTitle, messageId]);
    };
    expect(await find('old')).toEqual([[true, null]]);
    expect(await redis.commands.hGet(key, 'w:q3')).toBe('another\nneedle\n');
    expect(await find('needle')).toEqual([[false, 'q3']]);
    expect(await find('a', 'needle')).toEqual([[false, 'q3']]);
    expect(await find('hay')).toEqual([[false, 'q2']]);
  });
});
