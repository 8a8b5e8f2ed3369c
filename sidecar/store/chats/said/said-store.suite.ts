import { describe, expect, test } from 'vitest';
import { randomId } from '../../../../testing/sample-stream.ts';
import type { ChatStore } from '../chat-store.ts';
import type { Saying } from './said-store.ts';

/** Every promise of `SaidStore` (said-store.ts), as tests that any store must pass. */
export function saidStoreSuite(name: string, makeStore: () => Promise<ChatStore>): void {
  async function openChat() {
    const store = await makeStore();
    const about = { userId: randomId('user'), chatId: randomId('chat') };
    const message = (id: string, text = `Said ${id}`) => ({
      id,
      role: 'user' as const,
      parts: [{ type: 'text', text }],
      createdAt: '2026-11-22T10:00:00.000Z',
    });
    const point = (streamId: string, id: string) =>
      store.point({
        ...about,
        seen: null,
        streamId,
        title: 'T',
        instructions: undefined,
        messages: [{ ...message(id), parentId: null }],
      });
    const settle = (n: number) =>
      store.settle(about.userId, about.chatId, `s${n}`, {
        ...message(`a${n}`),
        role: 'assistant',
        parentId: `q${n}`,
        status: 'completed',
      });
    const say = (id: string, more: Partial<Saying> = {}) =>
      store.say({ ...about, member: null, message: message(id), after: 'newest', maxMessages: 0, ...more });
    const what = async (id: string, more: Partial<Saying> = {}) => (await say(id, more)).what;
    const enqueue = (n: number, maxMessages = 0) =>
      store.enqueue({
        ...about,
        messageId: `a${n}`,
        streamId: `s${n}`,
        modelId: 'm',
        fingerprint: 'f',
        questionId: `q${n}`,
        question: message(`q${n}`),
        after: 'newest',
        instructions: undefined,
        createdAt: '',
        interrupts: false,
        maxWaiting: 0,
        maxMessages,
      });
    const path = async () =>
      (await store.branch(
        about.userId,
        about.chatId,
        { through: null },
        { limit: 99, maxBytes: 1 << 20 },
      ))!.messages.map(({ message: { id, parentId } }) => `${parentId ?? ''}>${id}`);
    const said = async () => (await store.queue(about.userId, about.chatId, true))!.said.map(({ id }) => id);
    const head = async () => (await store.head(about.userId, about.chatId))!;
    await point('s1', 'q1');
    return { store, ...about, message, point, settle, say, what, enqueue, path, said, head };
  }

  describe(`${name}: saying`, () => {
    test('adds a message once, at the end or after the message that the request names', async () => {
      const { settle, say, what, path, head, message } = await openChat();
      await settle(1);
      const { bytes } = await head();
      expect(await what('x')).toBe('said');
      expect(await say('x')).toMatchObject({ what: 'known', message: message('x') });
      expect((await head()).count).toBe(3);
      expect((await head()).bytes).toBeGreaterThan(bytes);
      expect(await what('y', { after: { id: 'q1' } })).toBe('said');
      expect(await path()).toEqual(['>q1', 'q1>y']);
      expect(await what('z', { after: { id: null } })).toBe('said');
      expect(await path()).toEqual(['>z']);
      expect(await what('w', { after: { id: 'none' } })).toBe('elsewhere');
    });

    test('while an answer is written, a message waits until the answer has ended, and is added before the next turn', async () => {
      const { settle, what, enqueue, path, said, say, message, store, userId, chatId } = await openChat();
      await enqueue(2);
      expect(await what('x')).toBe('waits');
      expect(await what('y', { after: { id: 'x' } })).toBe('waits');
      expect(await say('y')).toMatchObject({ what: 'known', message: message('y') });
      expect([await what('q2'), await what('a2')]).toEqual(['taken', 'taken']);
      expect(await said()).toEqual(['x', 'y']);
      expect((await store.queue(userId, chatId))!.said).toEqual([]);
      await settle(1);
      expect(await said()).toEqual([]);
      expect(await path()).toEqual(['>q1', 'q1>a1', 'a1>x', 'x>y', 'y>q2']);
    });

    test('while an answer is written, a message after an older message does not wait; the answer becomes the newest message', async () => {
      const { settle, what, path, said, head } = await openChat();
      await what('x', { after: { id: 'q1' } });
      expect(await said()).toEqual([]);
      await settle(1);
      expect(await path()).toEqual(['>q1', 'q1>a1']);
      expect((await head()).newest).toBe('a1');
    });

    test('if the answer is lost, adds the message that waited for it', async () => {
      const { store, userId, chatId, what, said, path } = await openChat();
      await what('x');
      await store.unpoint(userId, chatId, 's1');
      expect(await said()).toEqual([]);
      expect(await path()).toEqual(['>q1', 'q1>x']);
    });

    test('is refused above the maximum number of messages, which includes the answer and everything that waits', async () => {
      const { what, enqueue, settle } = await openChat();
      // The chat has one question, and its answer is being written.
      expect(await what('x', { maxMessages: 3 })).toBe('waits');
      expect(await what('y', { maxMessages: 3 })).toBe('full');
      expect((await enqueue(2, 4)).what).toBe('crowded');
      expect((await enqueue(2, 5)).what).toBe('queued');
      expect(await what('y', { maxMessages: 5 })).toBe('full');
      await settle(1);
      expect(await what('y', { maxMessages: 5 })).toBe('full');
    });

    test('is refused where there is no chat, and for people without a role', async () => {
      const { what, say } = await openChat();
      expect(await what('x', { chatId: randomId('chat') })).toBe('gone');
      await expect(say('x', { member: 'stranger' })).rejects.toMatchObject({ code: 'not_found' });
    });

    test('moves an archived chat back into the list', async () => {
      const { store, userId, chatId, settle, what } = await openChat();
      await settle(1);
      await store.patch(userId, chatId, { archivedAt: '2026-11-22T10:00:00.000Z' });
      await what('x');
      const { chats } = await store.list(userId, { before: null, limit: 9 });
      expect(chats).toMatchObject([{ chatId, archivedAt: null, newest: 'x' }]);
    });
  });
}
