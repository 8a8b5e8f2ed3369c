import { describe, expect, test } from 'vitest';
import type { StoredMessage } from '../../../../shared/chat/messages.ts';
import { randomId } from '../../../../testing/sample-stream.ts';
import type { ChatStore } from '../chat-store.ts';
import { MAX_FORKS_OF_MESSAGE, type Copying, type Finishing } from './fork-store.ts';

const PAGE = { limit: 200, maxBytes: 256 * 1024 };
const LIST = { before: null, limit: 10 };

const message = (id: string, parentId: string | null, fields: Partial<StoredMessage> = {}): StoredMessage => ({
  id,
  role: id.startsWith('q') ? 'user' : 'assistant',
  parts: [{ type: 'text', text: `The text of ${id} 🎉 ${'long '.repeat(300)}` }],
  parentId,
  createdAt: '2026-11-22T10:00:00.000Z',
  ...fields,
});

/** Every promise of `ForkStore` (fork-store.ts), as tests that any store must pass. */
export function forkStoreSuite(name: string, makeStore: () => Promise<ChatStore>): void {
  /** A chat `q1 ─ a1 ─ q2`, with a second answer to `q1`, and the arguments of the calls that fork this chat. */
  async function chat() {
    const store = await makeStore();
    const userId = randomId('user');
    const [chatId, forkId] = [randomId('chat'), randomId('fork')];
    const messages = [message('q1', null), message('a1', 'q1'), message('a1b', 'q1'), message('q2', 'a1')];
    const point = (id: string) =>
      store.point({
        userId,
        chatId: id,
        seen: null,
        streamId: 's1',
        title: 'Tides',
        instructions: 'Be brief.',
        messages,
      });
    await point(chatId);
    const copying: Copying = {
      userId,
      forkId,
      source: { ownerId: userId, chatId },
      origin: { chatId, messageId: 'q2', at: null, isNow: false, title: 'Tides' },
    };
    const finishing: Finishing = {
      ...copying,
      count: 3,
      title: 'A branch',
      instructions: 'Be brief.',
      address: null,
      temporary: false,
    };
    const whole = async () => (await store.messages(userId, forkId, 0, PAGE)).messages;
    const listed = async () => (await store.list(userId, LIST)).chats.map(({ chatId: id }) => id);
    return { store, userId, chatId, forkId, messages, copying, finishing, whole, listed, point };
  }

  describe(`${name}: forks`, () => {
    test('a copy becomes a chat only when it is finished, and then in one step', async () => {
      const { store, userId, chatId, forkId, messages, copying, finishing, whole, listed, point } = await chat();
      expect(await store.copy(copying, { ids: ['q1', 'a1'] })).toMatchObject({ what: 'copying', count: 2 });
      expect(await store.head(userId, forkId)).toBeNull();
      expect(await store.branch(userId, forkId, { through: null }, PAGE)).toBeNull();
      expect(await store.patch(userId, forkId, { title: 'Mine' })).toBe(false);
      expect(await store.delete(userId, forkId)).toBeNull();
      const { parentId, ...answer } = message('a9', 'q1');
      expect(await store.settle(userId, forkId, 's9', { ...answer, parentId, status: 'completed' })).toBeNull();
      await expect(point(forkId)).rejects.toMatchObject({ code: 'chat_exists' });
      const turn = <T>(step: () => Promise<T>) => step();
      const found = await store.find(userId, ['text'], { before: null, limit: 5, turn });
      expect([await listed(), found.found.map(({ head }) => head.chatId)]).toEqual([[chatId], [chatId]]);
      expect((await store.finishCopy(finishing)).what).toBe('lost');

      const part = message('a3', 'a1', { status: 'partial' });
      expect(await store.copy(copying, { messages: [part] })).toMatchObject({ what: 'copying', count: 3 });
      const finished = await store.finishCopy(finishing);
      const head = (await store.head(userId, forkId))!;
      expect(finished).toEqual({ what: 'made', bytes: head.bytes });
      expect(head).toMatchObject({
        title: 'A branch',
        instructions: 'Be brief.',
        fork: copying.origin,
        count: 3,
        newest: 'a3',
        stream: null,
        last: null,
        temporary: false,
      });
      expect(await whole()).toEqual([messages[0], messages[1], part]);
      expect((await store.outline(userId, forkId, ['a3']))!.places.get('a3')).toMatchObject({
        depth: 3,
        parentId: 'a1',
      });
      expect(await listed()).toEqual([forkId, chatId]);
      expect((await store.find(userId, ['text'], { before: null, limit: 5, turn })).found).toHaveLength(2);
      expect((await point(forkId)).at).toBe('s1');
    });

    test('twenty copies with the same id at the same time become one chat, and the steps can be repeated', async () => {
      const { store, messages, copying, finishing, whole, listed, forkId, chatId } = await chat();
      const all = await Promise.all(
        Array.from({ length: 20 }, async () => {
          await store.copy(copying, {});
          await store.copy(copying, { ids: ['q1', 'a1'] });
          await store.copy(copying, { ids: ['q2'] });
          return (await store.finishCopy(finishing)).what;
        }),
      );
      expect(all.sort()).toEqual([...Array<string>(19).fill('again'), 'made']);
      expect(await whole()).toEqual([messages[0], messages[1], messages[3]]);
      expect(await store.copy(copying, { ids: ['q2'] })).toMatchObject({ what: 'made', origin: copying.origin });
      expect((await store.finishCopy(finishing)).what).toBe('again');
      expect(await listed()).toEqual([forkId, chatId]);
    });

    test('copy refuses a taken id, another origin and missing messages; dropCopy keeps chats, and copies of another origin', async () => {
      const { store, userId, chatId, copying, finishing, whole } = await chat();
      await store.copy(copying, { ids: ['q1'] });
      const other: Copying = { ...copying, origin: { ...copying.origin, at: '1abc-100' } };
      expect(await store.copy(other, { ids: ['a1'] })).toMatchObject({
        what: 'elsewhere',
        origin: copying.origin,
        count: 1,
      });
      expect((await store.finishCopy({ ...finishing, ...other, count: 1 })).what).toBe('lost');
      expect(await store.copy({ ...copying, forkId: chatId }, { ids: ['q1'] })).toEqual({ what: 'taken' });
      expect((await store.finishCopy({ ...finishing, forkId: chatId })).what).toBe('lost');
      expect(await store.copy(copying, { ids: ['q1', 'never'] })).toEqual({ what: 'gone' });
      expect(await store.copy(copying, { after: 2, ids: ['q2'] })).toMatchObject({ what: 'copying', count: 1 });
      await store.dropCopy(other);
      expect(await store.copy(copying, {})).toMatchObject({ what: 'copying', count: 1 });
      await store.dropCopy(copying);
      expect((await store.finishCopy({ ...finishing, count: 1 })).what).toBe('lost');
      await store.copy(copying, { ids: ['q1'] });
      await store.finishCopy({ ...finishing, count: 1 });
      await store.dropCopy(copying);
      expect(await whole()).toHaveLength(1);
      await store.delete(userId, chatId);
      expect(await store.copy({ ...copying, forkId: randomId('fork') }, { ids: ['q1'] })).toEqual({ what: 'gone' });
    });

    test('a chat remembers the newest forks of each of its messages, each fork once, until the chat is deleted', async () => {
      const { store, userId, chatId } = await chat();
      const note = (messageId: string, forkId: string) => store.noteFork(userId, { chatId, messageId, forkId });
      for (const forkId of ['f1', 'f2', 'f1']) expect(await note('a1', forkId)).toBe(true);
      await note('q2', 'f3');
      expect(await store.forksOf(userId, chatId, ['q1', 'a1', 'q2'])).toEqual([
        { messageId: 'a1', chatId: 'f1' },
        { messageId: 'a1', chatId: 'f2' },
        { messageId: 'q2', chatId: 'f3' },
      ]);
      for (let i = 0; i < MAX_FORKS_OF_MESSAGE; i++) await note('a1', `g${i}`);
      const known = await store.forksOf(userId, chatId, ['a1']);
      expect([known.length, known[0]!.chatId]).toEqual([MAX_FORKS_OF_MESSAGE, 'g0']);
      await store.delete(userId, chatId);
      expect(await note('a1', 'f4')).toBe(false);
      expect(await store.forksOf(userId, chatId, ['a1'])).toEqual([]);
    });

    test('a temporary fork is only in the list of temporary chats', async () => {
      const { store, userId, copying, finishing, listed, chatId, forkId } = await chat();
      await store.copy(copying, { ids: ['q1'] });
      await store.finishCopy({ ...finishing, count: 1, temporary: true });
      expect(await listed()).toEqual([chatId]);
      expect((await store.list(userId, { ...LIST, list: 'temporary' })).chats).toMatchObject([{ chatId: forkId }]);
    });
  });
}
