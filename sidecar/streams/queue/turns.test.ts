import { describe, expect, test, vi } from 'vitest';
import { RejoinError } from '../../../shared/errors.ts';
import type { Model } from '../../models/model.ts';
import { createMemoryChatStore } from '../../store/chats/memory-chat-store.ts';
import type { StreamMeta, StreamStore } from '../../store/streams/stream-store.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { createTurnBeginner, type TurnBeginnerOptions } from './begin-turn.ts';
import { createEnqueuer } from './enqueue-turn.ts';
import { createClearLostPointer } from './lost-pointer.ts';
import { createManageQueue } from './manage-queue.ts';
import { createQueueStart } from './start-or-wait.ts';
import { createWaitingRoom } from './waiting-room.ts';

const LEASE_MS = 5000;
const [userId, chatId] = ['user_1', 'chat_1'];
const about = { userId, chatId };
const owner = { userId, name: null, address: null };
const ownQueue = { ...about, member: null };

const requestOf = (n: number, whenBusy: 'queue' | 'interrupt' = 'queue') => ({
  chatId,
  messageId: `a${n}`,
  modelId: 'm',
  messages: [{ id: `q${n}`, role: 'user' as const, content: `Question ${n}` }],
  whenBusy,
});

/** A chat that points at the stream `a0`. `store`: functions that replace functions of the stream store. */
async function busyChat(store: Partial<StreamStore> = {}) {
  const chats = createMemoryChatStore({ ttlMs: 3_600_000, maxBytes: 1 << 24 });
  await chats.point({ ...about, seen: null, streamId: 'a0', title: '', instructions: undefined, messages: [] });
  const streams = {
    wait: async () => true,
    meta: async () => null,
    wasAway: () => false,
    index: vi.fn(async () => {}),
    ...store,
  } as Partial<StreamStore> as StreamStore;
  const quota = {
    reserve: vi.fn(async (_: { streamBytes?: number }) => {}),
    settled: vi.fn(async (_: { streamBytes?: number }) => {}),
    release: vi.fn(async () => {}),
  };
  const streamIdOf = (_user: string, _chat: string, messageId: string) => messageId;
  const enqueue = createEnqueuer({
    store: streams,
    chats,
    telemetry: noTelemetry,
    resolveModel: () => ({ servedBy: 'test' }) as Model,
    streamIdOf,
    admitWaiting: async () => {},
    quota,
  });
  const [begin, cancel] = [vi.fn(async () => {}), vi.fn(async () => {})];
  const queue = createManageQueue({
    store: streams,
    chats,
    streamIdOf,
    end: async () => {},
    cancel,
    begin,
    clearLostPointer: createClearLostPointer({ store: streams, chats, leaseMs: LEASE_MS }),
    quota,
  });
  return { chats, streams, quota, streamIdOf, enqueue, begin, cancel, queue };
}

describe('a turn that waits', () => {
  test('is removed, and no longer counts for storage, if the store refuses its stream', async () => {
    const wait = async () => Promise.reject(new RejoinError('overloaded'));
    const { enqueue, chats, quota } = await busyChat({ wait });
    await expect(enqueue(userId, requestOf(1), owner)).rejects.toMatchObject({ code: 'overloaded' });
    expect((await chats.queue(userId, chatId))!.turns).toEqual([]);
    expect(quota.release).toHaveBeenCalledWith(expect.objectContaining({ userId, streamIds: ['a1'] }));
  });

  test.each(['resume', 'send'] as const)(
    'begins after the action %s although its chat pointed at a stream that does not exist',
    async (action) => {
      const { enqueue, chats, begin, cancel, queue, streams } = await busyChat();
      await enqueue(userId, requestOf(1), owner);
      await queue.act(ownQueue, { action, messageId: 'a1' }).catch(() => {});
      expect(await chats.pointer(userId, chatId)).toBe('a0');
      vi.useFakeTimers({ now: Date.now() + LEASE_MS + 1, toFake: ['Date'] });
      try {
        await queue.act(ownQueue, { action, messageId: 'a1' });
      } finally {
        vi.useRealTimers();
      }
      expect(await chats.pointer(userId, chatId)).toBe('a1');
      expect(begin).toHaveBeenLastCalledWith('a1');
      expect(streams.index).toHaveBeenLastCalledWith([{ streamId: 'a1', inMs: 1000 }]);
      expect(cancel.mock.calls.length).toBe(action === 'send' ? 1 : 0);
    },
  );

  test('uses quota for a new text, keeps the old text if the new one exceeds the quota, and is shortened only in the list', async () => {
    const { enqueue, queue, quota } = await busyChat();
    await enqueue(userId, requestOf(1), owner);
    await queue.change(ownQueue, 'a1', { text: 'x'.repeat(5000) });
    expect(quota.reserve.mock.lastCall![0].streamBytes).toBeGreaterThan(10_000);
    quota.reserve.mockRejectedValueOnce(new RejoinError('quota_exceeded'));
    const edit = queue.change(ownQueue, 'a1', { text: 'Other' });
    await expect(edit).rejects.toMatchObject({ code: 'quota_exceeded' });
    const [shown] = (await queue.read(userId, chatId)).turns;
    expect(shown).toMatchObject({ cut: true, question: { parts: [{ text: 'x'.repeat(4000) }] } });
    const whole = await queue.readTurn(userId, chatId, 'a1');
    expect(whole).toMatchObject({ cut: false, place: 1, question: { parts: [{ text: 'x'.repeat(5000) }] } });
    await expect(queue.readTurn(userId, chatId, 'a2')).rejects.toMatchObject({ code: 'not_found' });
    expect(quota.settled).toHaveBeenCalledTimes(1);
  });

  test('uses quota for its old text after an edit that the store refuses, and no quota after its chat was deleted', async () => {
    const { enqueue, chats, queue, quota } = await busyChat();
    await enqueue(userId, requestOf(1), owner);
    const before = quota.reserve.mock.lastCall![0].streamBytes;
    vi.spyOn(chats, 'changeQueue').mockResolvedValueOnce(null);
    const edit = () => queue.change(ownQueue, 'a1', { text: 'x'.repeat(5000) });
    await expect(edit()).rejects.toMatchObject({ code: 'not_found' });
    expect(quota.settled.mock.lastCall![0].streamBytes).toBe(before);
    vi.spyOn(chats, 'changeQueue').mockImplementationOnce(async () => {
      await chats.delete(userId, chatId);
      return null;
    });
    await expect(edit()).rejects.toMatchObject({ code: 'not_found' });
    expect(quota.release).toHaveBeenLastCalledWith(expect.objectContaining({ userId, chatId, streamIds: ['a1'] }));
  });

  test("cannot be edited by a member if it is the owner's and names no author, and the refused text reserves no bytes", async () => {
    const { enqueue, chats, queue, quota } = await busyChat();
    await enqueue(userId, requestOf(1), owner);
    expect((await chats.queue(userId, chatId))!.turns[0]).toMatchObject({ messageId: 'a1', by: null });
    quota.reserve.mockClear();
    const edit = (member: string | null) => queue.change({ ...about, member }, 'a1', { text: 'Other' });
    await expect(edit('user_2')).rejects.toMatchObject({ code: 'role_required' });
    expect(quota.reserve).not.toHaveBeenCalled();
    expect((await edit(null)).turns).toMatchObject([{ question: { parts: [{ text: 'Other' }] } }]);
  });

  test('counts for its stream and not for the chat, so that the sizes of several turns add up', async () => {
    const { enqueue, quota } = await busyChat();
    const text = 'x'.repeat(5000);
    for (const n of [1, 2]) {
      const request = requestOf(n);
      const messages = [{ ...request.messages[0]!, content: text }];
      await enqueue(userId, { ...request, messages, instructions: 'y'.repeat(3000) }, owner);
      // The question is stored twice, the instructions once.
      expect(quota.reserve.mock.lastCall![0].streamBytes).toBeGreaterThan(2 * 5000 + 3000);
      expect(quota.reserve.mock.lastCall![0]).toMatchObject({ streamId: `a${n}`, chatBytes: 0, waits: true });
    }
  });

  test('stops the answer that is being written when an interrupting start is repeated', async () => {
    const meta = { status: 'queued', modelId: 'm', servedBy: 'test' } as StreamMeta;
    const { chats, streams, streamIdOf, enqueue, begin, cancel } = await busyChat({ meta: async () => meta });
    await enqueue(userId, requestOf(1, 'interrupt'), owner);
    const start = async () => ({ created: false, answer: { status: 'queued' } }) as never;
    const startOrWait = createQueueStart({ store: streams, chats, start, enqueue, streamIdOf, begin, cancel });
    await startOrWait(userId, requestOf(1, 'interrupt'), owner);
    expect(cancel.mock.calls).toEqual([[userId, 'a0', { personId: userId }]]);
    // A start that only waits stops no answer.
    await enqueue(userId, requestOf(2), owner);
    await startOrWait(userId, requestOf(2), owner);
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});

test('a process without the model leaves a turn to other processes for a while, and then ends it', async () => {
  const meta = { ...about, status: 'queued', epoch: '1a', parentId: 'q0', modelId: 'm' } as StreamMeta;
  const index = vi.fn(async () => {});
  const end = vi.fn(async () => {});
  const chats = createMemoryChatStore({ ttlMs: 3_600_000, maxBytes: 1 << 24 });
  const question = { id: 'q0', role: 'user' as const, parts: [], parentId: null, createdAt: '' };
  await chats.point({ ...about, seen: null, streamId: 'a0', title: '', instructions: undefined, messages: [question] });
  const beginTurn = createTurnBeginner({
    store: { meta: async () => meta, index },
    chats,
    ender: { end },
    resolveModel: () => {
      throw new RejoinError('unknown_model');
    },
  } as Partial<Record<keyof TurnBeginnerOptions, unknown>> as TurnBeginnerOptions);
  expect(await beginTurn('a0')).toBe(false);
  expect([index.mock.calls.length, end.mock.calls.length]).toEqual([1, 0]);
  vi.useFakeTimers({ now: Date.now() + 30_001, toFake: ['Date'] });
  try {
    expect(await beginTurn('a0')).toBe(true);
  } finally {
    vi.useRealTimers();
  }
  expect(end).toHaveBeenCalledWith('a0', 'error', expect.objectContaining({ code: 'model_missing' }), '1a');
});

test('an unexpected error reaches every reader of a turn that waits, but does not affect a later reader', async () => {
  const unlisten = vi.fn();
  const meta = vi.fn<StreamStore['meta']>().mockRejectedValueOnce(new Error('unexpected')).mockResolvedValue(null);
  const room = createWaitingRoom({
    store: { meta, listen: async () => unlisten, wasAway: () => false },
    chats: { queue: async () => null },
    begin: () => {},
  });
  const reader = () => ({ onPlace: () => {}, isClosed: false, onClose: () => {} });
  const ends = await Promise.allSettled([room.wait('s', reader()), room.wait('s', reader())]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(unlisten).toHaveBeenCalledTimes(1);
  expect(await room.wait('s', reader())).toBe('gone');
});
