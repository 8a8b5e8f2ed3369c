import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ParsedForkRequest } from '../../../shared/chat/forks.ts';
import type { StoredMessage } from '../../../shared/chat/messages.ts';
import { DATABASES, openRedis } from '../../../testing/open-redis.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { createRedisChatStore } from '../../store/chats/redis-chat-store.ts';
import type { RedisConnection } from '../../store/redis/redis-connection.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { createLane } from '../lane.ts';
import { createForkChat } from './fork-chat.ts';

let redis: RedisConnection;
let store: ChatStore;
beforeAll(async () => {
  redis = await openRedis({ database: DATABASES.chatStore });
  store = createRedisChatStore({ redis, ttlMs: 60_000 });
});
afterAll(() => redis.close());

const MESSAGES = 230;
const died = new Error('this process died');

/**
 * A fork function whose store fails after `steps` steps of the copy, as if the process had been killed at that moment. After each
 * step, `afterStep` is called with the name of the step.
 */
function forkDyingAfter(steps: number, afterStep: (step: string) => Promise<void> = async () => {}) {
  let left = steps;
  const dying =
    <Args extends unknown[], Result>(name: string, run: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (left === 0) throw died;
      const result = await run(...args);
      left -= 1;
      await afterStep(name);
      if (left === 0) throw died;
      return result;
    };
  const chats: ChatStore = {
    ...store,
    head: (...args) => (left === 0 ? Promise.reject(died) : store.head(...args)),
    copy: dying('copy', store.copy),
    noteFork: dying('note', store.noteFork),
    finishCopy: dying('finish', store.finishCopy),
  };
  return createForkChat({
    chats,
    store: { meta: async () => null, read: async () => 'gone' },
    settler: { settleFromLog: async () => {} },
    manager: { streamIdOf: (...ids) => ids.join('-') },
    limits: { messages: 0, bytes: 0 },
    lane: createLane({ width: 2 }),
    telemetry: noTelemetry,
  });
}

async function longChat() {
  const [userId, chatId, forkId] = [randomId('user'), randomId('chat'), randomId('fork')];
  const messages = Array.from({ length: MESSAGES }, (_, i): StoredMessage => ({
    id: `m${i}`,
    role: i % 2 ? 'assistant' : 'user',
    parts: [{ type: 'text', text: `Text ${i}` }],
    parentId: i === 0 ? null : `m${i - 1}`,
    createdAt: '2026-11-22T10:00:00.000Z',
  }));
  await store.point({ userId, chatId, seen: null, streamId: 's1', title: 'Long', instructions: undefined, messages });
  await store.unpoint(userId, chatId, 's1');
  const request: ParsedForkRequest = { forkId, messageId: `m${MESSAGES - 1}`, at: null };
  const where = { userId, source: { ownerId: userId, chatId }, originId: chatId, address: null };
  const listed = async () => (await store.list(userId, { before: null, limit: 10 })).chats.map((chat) => chat.chatId);
  const copied = async () => (await store.messages(userId, forkId, 0, { limit: 1000, maxBytes: 1 << 24 })).messages;
  return { userId, chatId, forkId, messages, request, where, listed, copied };
}

test('a process that dies after any step leaves no half chat, and the next request makes one whole chat', async () => {
  const steps: string[] = [];
  await forkDyingAfter(Infinity, async (step) => void steps.push(step))(...(await one()));
  // The first call of `copy` finds or begins the copy. Each of the three others copies a batch of messages.
  expect(steps).toEqual(['copy', 'copy', 'copy', 'copy', 'note', 'finish']);

  async function one() {
    const { where, request } = await longChat();
    return [where, request] as const;
  }

  for (let step = 1; step <= steps.length; step++) {
    const { userId, chatId, forkId, messages, request, where, listed, copied } = await longChat();
    await expect(forkDyingAfter(step)(where, request)).rejects.toBe(died);
    const isFinished = step === steps.length;
    expect(await listed(), `after step ${step}`).toEqual(isFinished ? [forkId, chatId] : [chatId]);
    expect((await store.head(userId, forkId)) !== null).toBe(isFinished);

    const again: string[] = [];
    const { created, answer } = await forkDyingAfter(Infinity, async (name) => void again.push(name))(where, request);
    expect(created).toBe(!isFinished);
    expect(answer).toEqual({
      chatId: forkId,
      leafId: request.messageId,
      from: { chatId, messageId: request.messageId, at: null, title: 'Long' },
    });
    // The second request copies only the batches that are missing.
    if (!isFinished) expect(again.filter((name) => name === 'copy')).toHaveLength(1 + Math.max(0, 4 - step));
    expect(await copied()).toEqual(messages);
    expect(await listed()).toEqual([forkId, chatId]);
    expect(await store.forksOf(userId, chatId, [request.messageId])).toHaveLength(1);
  }
});

test('a chat that is deleted while it is copied leaves nothing behind', async () => {
  for (const deletedAfter of [1, 2, 4]) {
    const { userId, chatId, forkId, request, where, listed } = await longChat();
    let steps = 0;
    const deleting = async () => {
      if (++steps === deletedAfter) await store.delete(userId, chatId);
    };
    await expect(forkDyingAfter(Infinity, deleting)(where, request)).rejects.toMatchObject({ code: 'not_found' });
    expect(await listed()).toEqual([]);
    expect(await redis.commands.exists(`chat:${userId}:${forkId}`)).toBe(0);
  }
});

test('a copy that is lost in the middle is begun again', async () => {
  const { userId, messages, forkId, request, where, copied } = await longChat();
  let steps = 0;
  const losing = async () => {
    if (++steps === 3) await redis.commands.del(`chat:${userId}:${forkId}`);
  };
  expect((await forkDyingAfter(Infinity, losing)(where, request)).created).toBe(true);
  expect(await copied()).toEqual(messages);
});
