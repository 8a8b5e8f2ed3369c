import { describe, expect, test } from 'vitest';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { NewTurn } from './chat-queue.ts';
import type { ChatStore } from './chat-store.ts';

const NOW = '2026-11-22T10:00:00.000Z';
const question = (id: string, text = `Question ${id} 🎉`) => ({
  id,
  role: 'user' as const,
  parts: [{ type: 'text', text }],
  createdAt: NOW,
});

/** Every promise about the queue of a chat, as tests that any store must pass. */
export function chatQueueSuite(name: string, makeStore: (settings: { ttlMs: number }) => Promise<ChatStore>): void {
  /** A chat with the question q1. The stream s1 is writing the answer a1. */
  async function busyChat() {
    const store = await makeStore({ ttlMs: 60_000 });
    const [userId, chatId] = [randomId('user'), randomId('chat')];
    const about = { userId, chatId };
    const stored = (id: string) => ({ ...question(id), parentId: null });
    const point = (streamId: string, id: string) =>
      store.point({ ...about, seen: null, streamId, title: 'T', instructions: undefined, messages: [stored(id)] });
    await point('s1', 'q1');
    const turn = (n: number, fields: Partial<NewTurn> = {}) =>
      store.enqueue({
        ...about,
        messageId: `a${n}`,
        streamId: `s${n}`,
        modelId: 'a model with spaces',
        fingerprint: `f${n}.h`,
        questionId: `q${n}`,
        question: question(`q${n}`),
        after: 'newest',
        instructions: undefined,
        createdAt: NOW,
        interrupts: false,
        maxWaiting: 10,
        maxMessages: 0,
        ...fields,
      });
    const settle = (n: number, status: StreamOutcome, parentId = `q${n}`) =>
      store.settle(
        userId,
        chatId,
        `s${n}`,
        { id: `a${n}`, role: 'assistant', parts: [{ type: 'text', text: `A${n}` }], parentId, createdAt: NOW, status },
        n > 1,
      );
    const change = (how: Parameters<ChatStore['changeQueue']>[2]) => store.changeQueue(userId, chatId, how);
    const queue = async () => (await store.queue(userId, chatId, true))!;
    const waiting = async () => (await queue()).turns.map(({ messageId }) => messageId);
    const goOn = (how: 'resumed' | 'sent') => store.goOn(userId, chatId, how);
    const path = async () =>
      (await store.branch(userId, chatId, { through: null }, { limit: 200, maxBytes: 1 << 20 }))!.messages.map(
        ({ message }) => message.id,
      );
    return { store, ...about, point, turn, settle, change, queue, waiting, goOn, path };
  }

  describe(`${name}: a turn for the queue`, () => {
    test('keeps its place, model and question, is not queued twice, and adds no message to the chat yet', async () => {
      const { turn, queue, path } = await busyChat();
      expect(await turn(2)).toMatchObject({ what: 'queued', place: 1, fingerprint: 'f2.h' });
      expect(await turn(3)).toMatchObject({ what: 'queued', place: 2 });
      expect(await turn(2, { fingerprint: 'other' })).toMatchObject({ what: 'queued', place: 1, fingerprint: 'f2.h' });
      expect(await queue()).toMatchObject({
        stream: 's1',
        isPaused: false,
        turns: [
          { messageId: 'a2', streamId: 's2', modelId: 'a model with spaces', question: question('q2') },
          { messageId: 'a3', streamId: 's3', questionId: 'q3', createdAt: NOW },
        ],
      });
      expect(await path()).toEqual(['q1']);
    });

    test('is refused if it was chosen already, if the chat is idle or unknown, or if too many turns or messages exist', async () => {
      const { store, turn, settle } = await busyChat();
      expect(await turn(1)).toEqual({ what: 'chosen' });
      expect(await turn(2, { maxMessages: 4 })).toMatchObject({ what: 'queued' });
      expect(await turn(3, { maxMessages: 5 })).toEqual({ what: 'crowded' });
      expect(await turn(3, { maxWaiting: 1 })).toEqual({ what: 'full' });
      await settle(1, 'completed');
      await settle(2, 'completed');
      expect(await turn(3)).toEqual({ what: 'idle' });
      expect(await turn(3, { chatId: 'none' })).toEqual({ what: 'gone' });
      expect(await store.queue('nobody', 'none')).toBeNull();
    });

    test('sets the instructions of its chat', async () => {
      const { store, userId, chatId, turn } = await busyChat();
      await turn(2, { instructions: 'Be brief.' });
      expect((await store.head(userId, chatId))!.instructions).toBe('Be brief.');
    });
  });

  /** The names of these tests begin with the step of `settle.lua` that they test. */
  describe(`${name}: settle`, () => {
    test('keep: an answer is stored, but not the answer of a turn that was removed', async () => {
      const { turn, change, settle, path, store, userId, chatId } = await busyChat();
      await turn(2);
      await change({ what: 'remove', messageId: 'a2' });
      await settle(2, 'cancelled');
      expect(await path()).toEqual(['q1']);
      await settle(1, 'completed');
      expect(await path()).toEqual(['q1', 'a1']);
      expect((await store.head(userId, chatId))!.count).toBe(2);
    });

    test('keep: the answer of a removed turn is not stored, even if its question is a message of the chat', async () => {
      const { turn, change, settle, store, userId, chatId } = await busyChat();
      await turn(2, { questionId: 'q1', question: null });
      await change({ what: 'remove', messageId: 'a2' });
      await settle(2, 'cancelled', 'q1');
      expect((await store.head(userId, chatId))!.count).toBe(1);
    });

    test('clear: only the end of the stream that the chat points at takes a turn from the queue, and only once', async () => {
      const { turn, settle, waiting, store, userId, chatId } = await busyChat();
      await turn(2);
      await turn(3);
      expect(await settle(9, 'completed')).toMatchObject({ next: 's1' });
      expect(await waiting()).toEqual(['a2', 'a3']);
      expect(await settle(1, 'completed')).toMatchObject({ next: 's2' });
      expect(await settle(1, 'completed')).toMatchObject({ next: 's2' });
      expect(await waiting()).toEqual(['a3']);
      expect(await store.pointer(userId, chatId)).toBe('s2');
    });

    test.each(['error', 'cancelled'] as const)('choose: status %s pauses a queue until it is resumed', async (how) => {
      const { turn, settle, queue, goOn, waiting } = await busyChat();
      await turn(2);
      await turn(3);
      expect(await settle(1, how)).toMatchObject({ next: null });
      expect(await queue()).toMatchObject({ stream: null, isPaused: true });
      expect(await goOn('resumed')).toBe('s2');
      expect(await queue()).toMatchObject({ stream: 's2', isPaused: false });
      expect(await goOn('resumed')).toBe('s2');
      expect(await settle(2, 'completed')).toMatchObject({ next: 's3' });
      expect(await waiting()).toEqual([]);
    });

    test('choose: a queue without turns is not paused', async () => {
      const { settle, queue, goOn } = await busyChat();
      await settle(1, 'error');
      expect(await queue()).toEqual({ stream: null, isPaused: false, interrupted: null, turns: [], said: [] });
      expect(await goOn('resumed')).toBeNull();
    });

    test('choose: a paused queue stays paused when another answer is complete, and when one of its turns is sent', async () => {
      const { turn, settle, queue, goOn, point, change } = await busyChat();
      for (const n of [2, 3, 4]) await turn(n);
      await settle(1, 'cancelled');
      await point('s5', 'q5');
      expect(await settle(5, 'completed')).toMatchObject({ next: null });
      await change({ what: 'first', messageId: 'a3' });
      expect(await goOn('sent')).toBe('s3');
      expect(await settle(3, 'completed')).toMatchObject({ next: null });
      expect(await queue()).toMatchObject({ isPaused: true, turns: [{ messageId: 'a2' }, { messageId: 'a4' }] });
    });

    test('choose: when an interrupted answer has ended, the first turn is chosen, even if the answer was cancelled', async () => {
      const { turn, settle, waiting, queue } = await busyChat();
      await turn(2);
      expect(await turn(3, { interrupts: true })).toMatchObject({ place: 1, interrupted: 's1' });
      expect(await queue()).toMatchObject({ stream: 's1', interrupted: 's1' });
      expect(await waiting()).toEqual(['a3', 'a2']);
      expect(await settle(1, 'cancelled')).toMatchObject({ next: 's3' });
      expect(await settle(3, 'cancelled')).toMatchObject({ next: null });
      expect(await queue()).toMatchObject({ isPaused: true });
    });

    test('place: a question follows the message that its turn names, or the one that is newest when the turn is chosen', async () => {
      const { turn, settle, path, store, userId, chatId, change } = await busyChat();
      await turn(2, { question: question('q2', 'long '.repeat(2000)) });
      await turn(3);
      await turn(4, { after: { id: 'q1' } });
      await change({ what: 'move', messageId: 'a3', place: 1 });
      for (const n of [1, 3, 2]) await settle(n, 'completed');
      expect(await path()).toEqual(['q1', 'q4']);
      const all = (await store.messages(userId, chatId, 0, { limit: 50, maxBytes: 1 << 20 })).messages;
      expect(all.map(({ id, parentId }) => [id, parentId])).toEqual([
        ['q1', null],
        ['a1', 'q1'],
        ['q3', 'a1'],
        ['a3', 'q3'],
        ['q2', 'a3'],
        ['a2', 'q2'],
        ['q4', 'q1'],
      ]);
      const places = (await store.outline(userId, chatId, ['q2', 'a2']))!.places;
      expect([places.get('q2')!.depth, places.get('a2')!.depth]).toEqual([5, 6]);
    });

    test('place: a question goes to the end of the branch that its turn names, or after the newest message if there is no such branch', async () => {
      const { turn, settle, store, userId, chatId } = await busyChat();
      await turn(2, { after: { id: 'q1' } });
      await turn(3, { after: { branchOf: 'a1', count: null } });
      await turn(4, { after: { branchOf: 'a2', count: 1 } });
      await turn(5, { after: { branchOf: 'a1', count: 1 } });
      await turn(6, { after: { branchOf: 'gone', count: 1 } });
      for (const n of [1, 2, 3, 4, 5, 6]) await settle(n, 'completed');
      const all = (await store.messages(userId, chatId, 0, { limit: 50, maxBytes: 1 << 20 })).messages;
      expect(Object.fromEntries(all.map(({ id, parentId }) => [id, parentId]))).toMatchObject({
        q2: 'q1',
        q3: 'a1',
        q4: 'a2',
        q5: 'a3',
        q6: 'a5',
      });
    });

    test('place: a question after an answer goes to the newest version if another version of the answer or of its question was added since', async () => {
      for (const changed of ['answer', 'question'] as const) {
        const { turn, settle, store, userId, chatId, goOn, queue } = await busyChat();
        await turn(2, { after: { branchOf: 'a1', count: 1 } });
        await settle(1, 'cancelled');
        expect((await queue()).turns[0]!.under).toBe('a1');
        const asked = changed === 'answer' ? [] : [{ ...question('q9'), parentId: null }];
        const about = { userId, chatId, seen: null, title: 'T', instructions: undefined };
        await store.point({ ...about, streamId: 's9', messages: asked });
        await settle(9, 'completed', changed === 'answer' ? 'q1' : 'q9');
        expect((await queue()).turns[0]!.under).toBe(changed === 'answer' ? 'a9' : 'q9');
        await goOn('resumed');
        const all = (await store.messages(userId, chatId, 0, { limit: 50, maxBytes: 1 << 20 })).messages;
        expect(all.find(({ id }) => id === 'q2')!.parentId).toBe('a9');
      }
    });

    test('place: a question that is already a message of the chat is answered again', async () => {
      const { turn, settle, store, userId, chatId } = await busyChat();
      await turn(2, { questionId: 'q1', question: null });
      expect(await settle(1, 'completed')).toMatchObject({ next: 's2' });
      await settle(2, 'completed', 'q1');
      const branch = await store.branch(userId, chatId, { through: null }, { limit: 9, maxBytes: 1 << 20 });
      expect(branch!.messages.at(-1)!.versions).toEqual(['a1', 'a2']);
    });
  });

  describe(`${name}: a person`, () => {
    test('edits, moves, removes and discards turns that wait, and no others', async () => {
      const { turn, change, waiting, queue, settle } = await busyChat();
      for (const n of [2, 3, 4, 5]) await turn(n);
      expect(await change({ what: 'move', messageId: 'a5', place: 1 })).toMatchObject({ isDone: true, stream: 's1' });
      await change({ what: 'move', messageId: 'a2', place: 99 });
      expect(await waiting()).toEqual(['a5', 'a3', 'a4', 'a2']);
      await change({ what: 'edit', messageId: 'a3', question: question('q3', 'Other') });
      expect((await queue()).turns[1]!.question).toMatchObject(question('q3', 'Other'));
      expect(await change({ what: 'remove', messageId: 'a4' })).toMatchObject({ removed: ['a4'] });
      for (const what of ['remove', 'first'] as const)
        expect(await change({ what, messageId: 'a1' })).toMatchObject({ isDone: false });
      await settle(1, 'error');
      expect(await change({ what: 'discard' })).toMatchObject({ isDone: true, removed: ['a5', 'a3', 'a2'] });
      expect(await queue()).toEqual({ stream: null, isPaused: false, interrupted: null, turns: [], said: [] });
    });

    test('deletes a chat with its queue, and gets the ids of the answers that waited', async () => {
      const { store, userId, chatId, turn } = await busyChat();
      await turn(2);
      expect((await store.delete(userId, chatId))!.answers).toContain('a2');
      expect(await store.queue(userId, chatId)).toBeNull();
    });

    test('finds the queue paused, with its turns, if the stream of the chat is lost and left no answer', async () => {
      const { store, userId, chatId, turn, queue } = await busyChat();
      await turn(2);
      await store.unpoint(userId, chatId, 's1');
      expect(await queue()).toMatchObject({ stream: null, isPaused: true, turns: [{ messageId: 'a2' }] });
    });
  });
}
