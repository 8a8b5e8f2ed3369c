import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { messageText, type StoredMessage } from '../../../shared/chat/messages.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import { queryWords, wordsIn } from './words.ts';
import type { BranchStart, ChatList, ChatStore, ListPlace, Pointing } from './chat-store.ts';

const NOW = '2026-11-22T10:00:00.000Z';
const PAGE = { limit: 200, maxBytes: 256 * 1024 };

const question = (id: string, fields: Partial<StoredMessage> = {}): StoredMessage => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text: `Question ${id} 🎉` }],
  parentId: null,
  createdAt: NOW,
  ...fields,
});

/** The stored size of a message that is too small to be compressed: its JSON, and its words for searches. */
const sizeOf = (message: StoredMessage): number =>
  Buffer.byteLength(JSON.stringify(message)) + Buffer.byteLength(wordsIn(messageText(message)));

const answer = (
  id: string,
  parentId: string,
  fields: Partial<StoredMessage & { status: StreamOutcome }> = {},
): StoredMessage & { status: StreamOutcome } => ({
  id,
  role: 'assistant',
  parts: [{ type: 'text', text: `Answer ${id}` }],
  parentId,
  createdAt: NOW,
  ...fields,
  status: fields.status ?? 'completed',
});

/** Every promise of {@link ChatStore}, as tests that any store must pass. */
export function chatStoreSuite(name: string, makeStore: (settings: { ttlMs: number }) => Promise<ChatStore>): void {
  async function chat(settings = { ttlMs: 60_000 }) {
    const store = await makeStore(settings);
    const userId = randomId('user');
    const chatId = randomId('chat');
    const point = (streamId: string, fields: Partial<Pointing> = {}) =>
      store.point({
        userId,
        chatId,
        seen: null,
        streamId,
        title: 'A title',
        instructions: undefined,
        messages: [],
        ...fields,
      });
    return { store, userId, chatId, point };
  }

  describe(`${name}: point`, () => {
    test('begins a chat: stores its title, the person’s messages and the pointer in one step', async () => {
      const { store, userId, chatId, point } = await chat();
      expect((await point('s1', { messages: [question('q1')], instructions: 'Be brief.' })).at).toBe('s1');
      const record = (await whole(store, userId, chatId))!;
      expect(record).toMatchObject({
        chatId,
        title: 'A title',
        instructions: 'Be brief.',
        stream: 's1',
        last: null,
        readAt: null,
        messages: [question('q1')],
      });
      expect(Date.now() - Date.parse(record.createdAt)).toBeLessThan(10_000);
      expect(record.updatedAt).toBe(record.createdAt);
      expect(record.streamAt).toBe(record.createdAt);
      expect(await store.pointer(userId, chatId)).toBe('s1');
    });

    test('succeeds for only one of several concurrent callers, and returns the stream of this caller to all of them', async () => {
      const { store, userId, chatId, point } = await chat();
      const streamIds = Array.from({ length: 10 }, (_, i) => `s${i}`);
      const answers = await Promise.all(
        streamIds.map(async (id) => (await point(id, { messages: [question(`q-${id}`)] })).at),
      );
      expect(new Set(answers).size).toBe(1);
      const [winner] = answers;
      const record = (await whole(store, userId, chatId))!;
      expect(record.stream).toBe(winner);
      expect(record.messages.map(({ id }) => id)).toEqual([`q-${winner}`]);
    });

    test('changes nothing if the chat points at another stream than the caller saw', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      const before = await whole(store, userId, chatId);
      const late = { messages: [question('q2')], title: 'Another', instructions: 'Other.' };
      expect((await point('s2', { ...late, seen: null })).at).toBe('s1');
      expect((await point('s2', { ...late, seen: 's0' })).at).toBe('s1');
      expect(await whole(store, userId, chatId)).toEqual(before);
    });

    test('does not bring back a chat that was deleted after the caller had seen a stream in the chat', async () => {
      const { store, userId, chatId, point } = await chat();
      expect((await point('s2', { seen: 's1' })).at).toBe('');
      expect(await whole(store, userId, chatId)).toBeNull();
    });

    test('moves the pointer from the seen stream to the new one, and keeps title, creation time and instructions', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')], instructions: 'Be brief.' });
      const { createdAt } = (await whole(store, userId, chatId))!;
      expect((await point('s2', { seen: 's1', title: 'Another', messages: [question('q2')] })).at).toBe('s2');
      const record = (await whole(store, userId, chatId))!;
      expect(record).toMatchObject({ title: 'A title', createdAt, instructions: 'Be brief.', stream: 's2' });
      expect(record.messages.map(({ id }) => id).sort()).toEqual(['q1', 'q2']);
    });

    test('stores new instructions, also empty ones', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { instructions: 'Be brief.' });
      await point('s2', { seen: 's1', instructions: '' });
      expect((await whole(store, userId, chatId))!.instructions).toBe('');
    });

    test('changes nothing if it is repeated for the same stream, even with another title and other messages', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      const before = await whole(store, userId, chatId);
      expect((await point('s1', { messages: [question('q1', { parts: [] })], title: 'Another' })).at).toBe('s1');
      expect(await whole(store, userId, chatId)).toEqual(before);
    });

    test('does not overwrite a stored message', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      await point('s2', { seen: 's1', messages: [question('q1', { parts: [] }), question('q2')] });
      expect((await whole(store, userId, chatId))!.messages).toContainEqual(question('q1'));
    });
  });

  describe(`${name}: settle`, () => {
    test('stores the answer, clears the pointer, and stores how the answer ended', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1', { status: 'cancelled' }))).not.toBeNull();
      const record = (await whole(store, userId, chatId))!;
      expect(record).toMatchObject({
        stream: null,
        streamAt: null,
        last: { streamId: 's1', messageId: 'a1', status: 'cancelled' },
        messages: [question('q1'), answer('a1', 'q1', { status: 'cancelled' })],
      });
      expect(record.last!.endedAt).toBe(record.updatedAt);
      expect(await store.pointer(userId, chatId)).toBeNull();
    });

    test('if the chat points at a newer stream, stores the answer, and changes neither the pointer nor `last`', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await point('s2', { seen: 's1' });
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1'))).not.toBeNull();
      const record = (await whole(store, userId, chatId))!;
      expect(record).toMatchObject({ stream: 's2', last: null });
      expect(record.messages.map(({ id }) => id)).toEqual(['a1']);
    });

    test('changes nothing if it is repeated', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      const before = await whole(store, userId, chatId);
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1'))).not.toBeNull();
      expect(await whole(store, userId, chatId)).toEqual(before);
    });

    test('does not bring a deleted chat back', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.delete(userId, chatId);
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1'))).toBeNull();
      expect(await whole(store, userId, chatId)).toBeNull();
      expect(await listed(store, userId)).toEqual([]);
    });
  });

  describe(`${name}: unpoint`, () => {
    test('clears the pointer only if the chat points at the given stream', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.unpoint(userId, chatId, 's0');
      expect(await store.pointer(userId, chatId)).toBe('s1');
      await store.unpoint(userId, chatId, 's1');
      expect(await store.pointer(userId, chatId)).toBeNull();
      expect(await whole(store, userId, chatId)).toMatchObject({ stream: null, streamAt: null, last: null });
      expect((await point('s2')).at).toBe('s2');
    });

    test('does nothing if there is no chat', async () => {
      const { store, userId } = await chat();
      await store.unpoint(userId, 'nowhere', 's1');
      expect(await whole(store, userId, 'nowhere')).toBeNull();
    });
  });

  describe(`${name}: messages`, () => {
    test('come in the order in which they were added', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q0'), question('q1', { parentId: 'q0' })] });
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      await point('s2', { messages: [question('q2', { parentId: 'a1' })] });
      const { messages } = (await whole(store, userId, chatId))!;
      expect(messages.map(({ id }) => id)).toEqual(['q0', 'q1', 'a1', 'q2']);
    });

    test('are read completely, whatever their number, size and characters', async () => {
      const { store, userId, chatId, point } = await chat();
      const messages = Array.from({ length: 600 }, (_, i) =>
        question(`q${i}`, {
          createdAt: new Date(Date.parse(NOW) + i).toISOString(),
          parts: [{ type: 'text', text: `日本語 \u2028 "\\" ${i} ${'🎉 long '.repeat(i)}` }],
        }),
      );
      await point('s1', { messages });
      expect((await whole(store, userId, chatId))!.messages).toEqual(messages);
    });

    test('come in pages with at most the given number of messages and bytes, but at least one message', async () => {
      const { store, userId, chatId, point } = await chat();
      const text = 'x'.repeat(1000);
      const messages = ['q1', 'q2', 'q3'].map((id) => question(id, { parts: [{ type: 'text', text }] }));
      await point('s1', { messages });
      const page = (after: number, limit: number, maxBytes: number) =>
        store.messages(userId, chatId, after, { limit, maxBytes });
      expect(await page(0, 2, 100_000)).toMatchObject({ messages: [{ id: 'q1' }, { id: 'q2' }], next: 2 });
      expect(await page(2, 2, 100_000)).toMatchObject({ messages: [{ id: 'q3' }], next: null });
      expect(await page(0, 100, 2500)).toMatchObject({ messages: [{ id: 'q1' }, { id: 'q2' }], next: 2 });
      expect(await page(0, 100, 1)).toMatchObject({ messages: [{ id: 'q1' }], next: 1 });
      expect(await page(3, 100, 1)).toEqual({ messages: [], next: null });
    });
  });

  describe(`${name}: branch`, () => {
    /**
     *     q1 ─ a1 ─ q2 ─ a2
     *        └ a1b ─ q3 ─ a3
     */
    async function tree() {
      const made = await chat();
      const { store, userId, chatId, point } = made;
      const turn = async (streamId: string, asked: StoredMessage[], answerId: string, parentId: string) => {
        await point(streamId, { messages: asked });
        await store.settle(userId, chatId, streamId, answer(answerId, parentId));
      };
      await turn('s1', [question('q1')], 'a1', 'q1');
      await turn('s1b', [], 'a1b', 'q1');
      await turn('s2', [question('q2', { parentId: 'a1' })], 'a2', 'q2');
      await turn('s3', [question('q3', { parentId: 'a1b' })], 'a3', 'q3');
      const ids = async (from: BranchStart, limit = 100, maxBytes = 100_000) => {
        const branch = (await store.branch(userId, chatId, from, { limit, maxBytes }))!;
        return branch.messages.map(({ message }) => message.id);
      };
      return { ...made, ids };
    }

    test('with `through`, is the path through the requested message, or to the newest message if no such message exists', async () => {
      const { ids } = await tree();
      expect(await ids({ through: null })).toEqual(['q1', 'a1b', 'q3', 'a3']);
      expect(await ids({ through: 'unknown' })).toEqual(['q1', 'a1b', 'q3', 'a3']);
      expect(await ids({ through: 'a1' })).toEqual(['q1', 'a1', 'q2', 'a2']);
      expect(await ids({ through: 'q2' })).toEqual(['q1', 'a1', 'q2', 'a2']);
      expect(await ids({ through: 'a2' })).toEqual(['q1', 'a1', 'q2', 'a2']);
    });

    test('with `through`, ends with the newest message below the requested one, even below an older version of an answer', async () => {
      const { store, userId, chatId, point, ids } = await tree();
      await point('s4', { messages: [question('q4', { parentId: 'a2' })] });
      expect(await ids({ through: 'q1' })).toEqual(['q1', 'a1', 'q2', 'a2', 'q4']);
      expect((await store.head(userId, chatId))!.newest).toBe('q4');
    });

    test('with `at`, ends with the requested message, and lists the messages that follow it', async () => {
      const { store, userId, chatId, ids } = await tree();
      expect(await ids({ at: 'q1' })).toEqual(['q1']);
      expect(await ids({ at: 'a1b' })).toEqual(['q1', 'a1b']);
      const { children } = (await store.branch(userId, chatId, { at: 'q1' }, { limit: 1, maxBytes: 1 }))!;
      expect(children).toEqual([
        { id: 'a1', role: 'assistant' },
        { id: 'a1b', role: 'assistant' },
      ]);
    });

    test('names all versions of each message', async () => {
      const { store, userId, chatId, point } = await tree();
      await point('s4', { messages: [question('q1b')] });
      const branch = (await store.branch(userId, chatId, { through: 'a3' }, { limit: 10, maxBytes: 100_000 }))!;
      expect(branch.messages.map(({ versions }) => versions)).toEqual([['q1', 'q1b'], ['a1', 'a1b'], ['q3'], ['a3']]);
      expect(branch.hasMore).toBe(false);
    });

    test('comes in pages within `limit` and `maxBytes`; the first page has the last messages of the path, at least one', async () => {
      const { store, userId, chatId, ids } = await tree();
      const hasMore = async (from: BranchStart, limit: number) =>
        (await store.branch(userId, chatId, from, { limit, maxBytes: 100_000 }))!.hasMore;
      expect(await ids({ through: null }, 2)).toEqual(['q3', 'a3']);
      expect(await hasMore({ through: null }, 2)).toBe(true);
      expect(await ids({ before: 'q3' }, 2)).toEqual(['q1', 'a1b']);
      expect(await hasMore({ before: 'q3' }, 2)).toBe(false);
      expect(await ids({ through: null }, 100, 1)).toEqual(['a3']);
      expect(await ids({ before: 'q1' })).toEqual([]);
      expect(await ids({ before: 'unknown' })).toEqual([]);
    });

    test('is empty for a chat without messages, and null if there is no chat', async () => {
      const { store, userId, chatId, point } = await chat();
      const bounds = { limit: 10, maxBytes: 1000 };
      expect(await store.branch(userId, chatId, { through: null }, bounds)).toBeNull();
      await point('s1');
      expect(await store.branch(userId, chatId, { through: null }, bounds)).toMatchObject({
        head: { stream: 's1' },
        messages: [],
        hasMore: false,
      });
    });

    test('does not loop if messages are each other’s parents, and ends at a missing parent', async () => {
      const { point, store, userId, chatId } = await chat();
      await point('s1', { messages: [question('q1', { parentId: 'q2' }), question('q2', { parentId: 'q1' })] });
      const branch = (await store.branch(userId, chatId, { at: 'q2' }, { limit: 10, maxBytes: 100_000 }))!;
      expect(branch.messages.map(({ message }) => message.id)).toEqual(['q1', 'q2']);
      await point('s2', { seen: 's1', messages: [question('q3', { parentId: 'lost' })] });
      const other = (await store.branch(userId, chatId, { through: null }, { limit: 10, maxBytes: 100_000 }))!;
      expect(other.messages.map(({ message }) => message.id)).toEqual(['q3']);
      expect(other.hasMore).toBe(false);
    });

    test('`path` returns a message and the messages that lead to it, with sizes, until the total size exceeds the maximum', async () => {
      const { store, userId, chatId } = await tree();
      const all = await store.path(userId, chatId, 'a3', 100_000);
      expect(all.map(({ id, role, depth }) => [id, role, depth])).toEqual([
        ['a3', 'assistant', 4],
        ['q3', 'user', 3],
        ['a1b', 'assistant', 2],
        ['q1', 'user', 1],
      ]);
      expect(all[0]!.chars).toBe(JSON.stringify(answer('a3', 'q3').parts).length);
      const bounded = await store.path(userId, chatId, 'a3', all[0]!.chars);
      expect(bounded.map(({ id }) => id)).toEqual(['a3', 'q3']);
      expect(await store.path(userId, chatId, 'unknown', 100)).toEqual([]);
    });

    test('`outline` returns the places of the requested messages', async () => {
      const { store, userId, chatId } = await tree();
      const { head, places } = (await store.outline(userId, chatId, ['a1b', 'q1', 'unknown']))!;
      expect(head).toMatchObject({ chatId, count: 7, newest: 'a3' });
      expect([...places.keys()]).toEqual(['a1b', 'q1']);
      expect(places.get('a1b')).toMatchObject({ role: 'assistant', parentId: 'q1', depth: 2 });
      expect(places.get('q1')).toMatchObject({ role: 'user', parentId: null, depth: 1 });
      expect(await store.outline(userId, 'nowhere', ['q1'])).toBeNull();
    });
  });

  describe(`${name}: bounds`, () => {
    test('a question is refused if the chat, with this question and its answer, would have too many messages', async () => {
      const { store, userId, chatId, point } = await chat();
      expect((await point('s1', { messages: [question('q1')], maxMessages: 4 })).isFull).toBe(false);
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      expect((await point('s2', { messages: [question('q2')], maxMessages: 4 })).isFull).toBe(false);
      await store.settle(userId, chatId, 's2', answer('a2', 'q2'));
      expect(await point('s3', { messages: [question('q3')], maxMessages: 4 })).toMatchObject({ at: '', isFull: true });
      expect(await whole(store, userId, chatId)).toMatchObject({ stream: null, count: 4 });
    });

    test('a refused question does not change the place of the chat in the list', async () => {
      const { store, userId, chatId, point } = await chat();
      const other = pointing(userId, randomId('chat'));
      await point('s1', { messages: [question('q1')] });
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      await delay(2);
      await store.point(other);
      await delay(2);
      expect((await point('s2', { messages: [question('q2')], maxMessages: 3 })).isFull).toBe(true);
      const { chats } = await store.list(userId, { before: null, limit: 10 });
      expect(chats.map((listed) => listed.chatId)).toEqual([other.chatId, chatId]);
    });

    test('a chat stores its size, and the hashed network address of the guest who began it', async () => {
      const { store, userId, chatId, point } = await chat();
      const { bytes } = await point('s1', { messages: [question('q1')], address: 'a-guest' });
      expect(bytes).toBe(sizeOf(question('q1')));
      const settled = (await store.settle(userId, chatId, 's1', answer('a1', 'q1')))!;
      expect(settled).toMatchObject({ bytes: bytes + sizeOf(answer('a1', 'q1')), address: 'a-guest' });
      await point('s2', { address: 'another' });
      expect(await store.delete(userId, chatId)).toEqual({
        stream: 's2',
        address: 'a-guest',
        roomId: null,
        answers: ['a1'],
      });
    });
  });

  describe(`${name}: list`, () => {
    test('holds a person’s chats, the most recently changed one first', async () => {
      const { store, userId } = await chat();
      const chatIds = ['one', 'two', 'three'];
      for (const chatId of chatIds) {
        await store.point({
          userId,
          chatId,
          seen: null,
          streamId: `s-${chatId}`,
          title: chatId,
          instructions: undefined,
          messages: [question('q1')],
        });
        await nextMillisecond();
      }
      expect((await listed(store, userId)).map(({ chatId }) => chatId)).toEqual(['three', 'two', 'one']);
      await store.settle(userId, 'one', 's-one', answer('a1', 'q1'));
      const list = await listed(store, userId);
      expect(list.map(({ chatId }) => chatId)).toEqual(['one', 'three', 'two']);
      expect(list[0]).toMatchObject({ title: 'one', last: { streamId: 's-one' } });
      expect(await listed(store, randomId('user'))).toEqual([]);
    });

    test('keeps its order when an answer is settled once more', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      await nextMillisecond();
      await store.point({
        userId,
        chatId: 'newer',
        seen: null,
        streamId: 's2',
        title: '',
        instructions: undefined,
        messages: [],
      });
      await nextMillisecond();
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      expect((await listed(store, userId)).map((record) => record.chatId)).toEqual(['newer', chatId]);
    });

    test('comes in pages of any size, which together have each chat once', async () => {
      const { store, userId } = await chat();
      const chatIds = Array.from({ length: 30 }, (_, i) => `chat-${String(i).padStart(2, '0')}`);
      await Promise.all(
        chatIds.map((chatId) => store.point({ ...pointing(userId, chatId), title: `Title ${chatId}` })),
      );
      for (const limit of [1, 7, 30, 100]) {
        const found: string[] = [];
        let before: ListPlace | null = null;
        do {
          const page: ChatList = await store.list(userId, { before, limit });
          expect(page.chats.length).toBeLessThanOrEqual(limit);
          found.push(...page.chats.map(({ chatId }) => chatId));
          before = page.next;
        } while (before !== null);
        expect(found.sort()).toEqual(chatIds);
      }
    });

    test('`search` finds the chats whose titles contain a text, in upper or lower case', async () => {
      const { store, userId } = await chat();
      for (let i = 0; i < 20; i++) {
        await store.point({ ...pointing(userId, `c${i}`), title: i % 5 === 0 ? `Über TIDES ${i}` : `Other ${i}` });
        await nextMillisecond();
      }
      const first = await store.search(userId, 'tides', { before: null, limit: 3 });
      expect(first.chats.map(({ chatId }) => chatId)).toEqual(['c15', 'c10', 'c5']);
      const rest = await store.search(userId, 'über', { before: first.next, limit: 3 });
      expect(rest).toMatchObject({ chats: [{ chatId: 'c0' }], next: null });
      expect(await store.search(userId, 'nothing', { before: null, limit: 3 })).toEqual({ chats: [], next: null });
    });
  });

  describe(`${name}: pinned, archived and temporary`, () => {
    const lists = async (store: ChatStore, userId: string) => {
      const names = ['recent', 'pinned', 'archived', 'temporary'] as const;
      const found = await Promise.all(names.map((list) => store.list(userId, { before: null, limit: 10, list })));
      return Object.fromEntries(names.map((list, i) => [list, found[i]!.chats.map(({ chatId }) => chatId)]));
    };

    test('an archived chat is listed again if it is unarchived, is pinned or gets a question, but not if an answer ends', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.patch(userId, chatId, { pinnedAt: NOW });
      expect(await lists(store, userId)).toMatchObject({ recent: [chatId], pinned: [chatId], archived: [] });
      await store.patch(userId, chatId, { archivedAt: NOW });
      expect(await lists(store, userId)).toMatchObject({ recent: [], pinned: [], archived: [chatId] });
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      expect(await lists(store, userId)).toMatchObject({ recent: [], archived: [chatId] });
      await store.patch(userId, chatId, { archivedAt: null });
      expect(await lists(store, userId)).toMatchObject({ recent: [chatId], pinned: [], archived: [] });
      await store.patch(userId, chatId, { archivedAt: NOW });
      await store.patch(userId, chatId, { pinnedAt: NOW });
      expect(await lists(store, userId)).toMatchObject({ recent: [chatId], pinned: [chatId], archived: [] });
      await store.patch(userId, chatId, { archivedAt: NOW });
      await point('s2', { messages: [question('q2')] });
      expect(await lists(store, userId)).toMatchObject({ recent: [chatId], archived: [] });
      await store.delete(userId, chatId);
      expect(await lists(store, userId)).toMatchObject({ recent: [], pinned: [], archived: [] });
    });

    test('pinned chats are listed with the most recently pinned one first', async () => {
      const { store, userId } = await chat();
      for (const chatId of ['one', 'two', 'three']) {
        await store.point(pointing(userId, chatId));
        await nextMillisecond();
      }
      for (const [i, chatId] of ['two', 'three', 'one'].entries())
        await store.patch(userId, chatId, { pinnedAt: new Date(Date.parse(NOW) + i).toISOString() });
      expect((await lists(store, userId)).pinned).toEqual(['one', 'three', 'two']);
      await store.patch(userId, 'three', { pinnedAt: null });
      expect((await lists(store, userId)).pinned).toEqual(['one', 'two']);
      expect((await lists(store, userId)).recent).toEqual(['three', 'two', 'one']);
    });

    test('a temporary chat stays temporary, is listed only among temporary chats, and is found by no search', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')], temporary: true });
      const first = await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      expect(first).toMatchObject({ temporary: true });
      await point('s2', { messages: [question('q2')], temporary: true });
      expect(await store.head(userId, chatId)).toMatchObject({ temporary: true, count: 3, stream: 's2' });
      expect(await lists(store, userId)).toEqual({ recent: [], pinned: [], archived: [], temporary: [chatId] });
      expect(await store.search(userId, 'title', { before: null, limit: 9 })).toMatchObject({ chats: [] });
      expect(await found(store, userId, 'question')).toEqual([]);
      await point('s3', { seen: 's2', temporary: true });
      expect((await store.head(userId, chatId))!.temporary).toBe(true);
    });

    test('a chat that exists does not become a temporary one', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await point('s2', { seen: 's1', temporary: true });
      expect((await store.head(userId, chatId))!.temporary).toBe(false);
      expect((await lists(store, userId)).recent).toEqual([chatId]);
    });
  });

  describe(`${name}: find`, () => {
    test('finds a chat if one message or the title has all words, also inside longer words; case and accents do not count', async () => {
      const { store, userId, chatId, point } = await chat();
      const parts = (text: string) => ({ parts: [{ type: 'text', text }] });
      await point('s1', {
        title: 'Große Gärten',
        messages: [question('q1', parts('Why do TIDES rise? 潮汐表示海水'))],
      });
      await store.settle(userId, chatId, 's1', answer('a1', 'q1', parts('The moon: `moon_phase()`, at the café.')));
      await point('s2', { messages: [question('q2', parts('And the tides?'))] });
      const hit = async (text: string) => (await found(store, userId, text))[0]?.slice(1);
      expect(await hit('tides')).toEqual([false, 'q2']);
      expect(await hit('rise tide')).toEqual([false, 'q1']);
      expect(await hit('CAFE Moon')).toEqual([false, 'a1']);
      expect(await hit('moon_ph')).toEqual([false, 'a1']);
      expect(await hit('海水')).toEqual([false, 'q1']);
      expect(await hit('garten GROSS')).toBeUndefined();
      expect(await hit('garten große')).toEqual([true, null]);
      expect(await hit('moon rise')).toBeUndefined();
      expect(await hit('%.*[')).toBeUndefined();
      await store.patch(userId, chatId, { title: 'Oceans' });
      expect(await hit('garten')).toBeUndefined();
      expect(await hit('ocean')).toEqual([true, null]);
    });

    test('finds chats in pages, the most recently changed ones first, including archived ones', async () => {
      const { store, userId } = await chat();
      for (let i = 0; i < 9; i++) {
        const text = i % 2 === 0 ? 'a needle in it' : 'nothing in it';
        await store.point({
          ...pointing(userId, `c${i}`),
          messages: [question('q1', { parts: [{ type: 'text', text }] })],
        });
        if (i === 4) await store.patch(userId, 'c4', { archivedAt: NOW });
        await nextMillisecond();
      }
      const page = (before: ListPlace | null) => store.find(userId, ['needle'], { before, limit: 2, turn });
      const first = await page(null);
      expect(first.found.map(({ head }) => head.chatId)).toEqual(['c8', 'c6']);
      const second = await page(first.next);
      expect(second.found.map(({ head }) => [head.chatId, head.archivedAt])).toEqual([
        ['c4', NOW],
        ['c2', null],
      ]);
      const last = await page(second.next);
      expect([last.found.map(({ head }) => head.chatId), last.next]).toEqual([['c0'], null]);
    });

    test('finds the newest of many messages that have the words, and an old message if only this one has them', async () => {
      const { store, userId, chatId, point } = await chat();
      const messages = Array.from({ length: 1200 }, (_, i) =>
        question(`q${i}`, { parts: [{ type: 'text', text: i === 3 ? 'a needle' : `hay ${i}` }] }),
      );
      await point('s1', { messages });
      expect(await found(store, userId, 'needle')).toEqual([[chatId, false, 'q3']]);
      expect(await found(store, userId, 'hay')).toEqual([[chatId, false, 'q1199']]);
    });
  });

  describe(`${name}: patch and delete`, () => {
    test('a patch changes only the given fields', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { instructions: 'Be brief.', messages: [question('q1')] });
      expect(await store.patch(userId, chatId, { title: 'New', readAt: NOW })).toBe(true);
      expect(await whole(store, userId, chatId)).toMatchObject({
        title: 'New',
        readAt: NOW,
        instructions: 'Be brief.',
        stream: 's1',
        messages: [question('q1')],
      });
      expect(await store.patch(userId, chatId, { title: undefined })).toBe(true);
      expect(await store.patch(userId, chatId, { instructions: '' })).toBe(true);
      expect(await whole(store, userId, chatId)).toMatchObject({ title: 'New', instructions: '' });
    });

    test('a patch does not create a chat', async () => {
      const { store, userId } = await chat();
      expect(await store.patch(userId, 'nowhere', { title: 'New' })).toBe(false);
      expect(await whole(store, userId, 'nowhere')).toBeNull();
    });

    test('a deleted chat is gone, and its id can be used again', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      expect(await store.delete(userId, chatId)).toEqual({ stream: 's1', address: null, roomId: null, answers: [] });
      expect(await store.delete(userId, chatId)).toBeNull();
      expect([await whole(store, userId, chatId), await store.pointer(userId, chatId)]).toEqual([null, null]);
      expect(await listed(store, userId)).toEqual([]);
      expect((await point('s2')).at).toBe('s2');
      expect((await whole(store, userId, chatId))!.messages).toEqual([]);
    });
  });

  describe(`${name}: people and time`, () => {
    test('two people’s chats with the same id are independent', async () => {
      const { store, chatId, point, userId } = await chat();
      await point('s1', { messages: [question('q1')] });
      const other = randomId('user');
      const foreign = { userId: other, chatId, seen: null, streamId: 's2', title: '', instructions: undefined };
      expect(await whole(store, other, chatId)).toBeNull();
      expect((await store.point({ ...foreign, messages: [] })).at).toBe('s2');
      expect(await store.pointer(userId, chatId)).toBe('s1');
      await store.delete(other, chatId);
      expect((await whole(store, userId, chatId))!.messages).toHaveLength(1);
    });

    test('a chat without changes expires, and is not in the list any more', async () => {
      const { store, userId, chatId, point } = await chat({ ttlMs: 60 });
      await point('s1');
      await vi.waitFor(async () => expect(await whole(store, userId, chatId)).toBeNull());
      expect(await listed(store, userId)).toEqual([]);
    });
  });
}

const pointing = (userId: string, chatId: string): Pointing => ({
  userId,
  chatId,
  seen: null,
  streamId: `s-${chatId}`,
  title: '',
  instructions: undefined,
  messages: [],
});

/** A chat with all its messages, read page by page. */
async function whole(store: ChatStore, userId: string, chatId: string) {
  const head = await store.head(userId, chatId);
  if (head === null) return null;
  const messages: StoredMessage[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: Awaited<ReturnType<ChatStore['messages']>> = await store.messages(userId, chatId, after, PAGE);
    messages.push(...page.messages);
    after = page.next;
  }
  return { ...head, messages };
}

const turn = <T>(step: () => Promise<T>): Promise<T> => step();

/** What a search finds: the chat, whether its title has the words, and the message. */
async function found(store: ChatStore, userId: string, query: string) {
  const { found: chats } = await store.find(userId, queryWords(query), { before: null, limit: 20, turn });
  return chats.map(({ head, inTitle, messageId }) => [head.chatId, inTitle, messageId] as const);
}

const listed = async (store: ChatStore, userId: string) =>
  (await store.list(userId, { before: null, limit: 100 })).chats;

async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() <= now + 1) await delay(1);
}
