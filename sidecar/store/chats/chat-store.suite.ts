import { describe, expect, test, vi } from 'vitest';
import type { StoredMessage } from '../../../shared/messages.ts';
import type { StreamOutcome } from '../../../shared/stream.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { ChatStore, Pointing } from './chat-store.ts';

const NOW = '2026-11-22T10:00:00.000Z';

const question = (id: string, fields: Partial<StoredMessage> = {}): StoredMessage => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text: `Question ${id} 🎉` }],
  parentId: null,
  createdAt: NOW,
  ...fields,
});

const answer = (
  id: string,
  parentId: string,
  fields: Partial<StoredMessage> = {},
): StoredMessage & { status: StreamOutcome } => ({
  id,
  role: 'assistant',
  parts: [{ type: 'text', text: `Answer ${id}` }],
  parentId,
  createdAt: NOW,
  ...fields,
  status: fields.status ?? 'completed',
});

/** Every promise of {@link ChatStore}, said against any store. */
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
    test('begins a chat: title, the person’s messages and the pointer, at once', async () => {
      const { store, userId, chatId, point } = await chat();
      expect(await point('s1', { messages: [question('q1')], instructions: 'Be brief.' })).toBe('s1');
      const record = (await store.get(userId, chatId))!;
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

    test('is won by one of all who saw the same, and the others learn by whom', async () => {
      const { store, userId, chatId, point } = await chat();
      const streamIds = Array.from({ length: 10 }, (_, i) => `s${i}`);
      const answers = await Promise.all(streamIds.map((id) => point(id, { messages: [question(`q-${id}`)] })));
      expect(new Set(answers).size).toBe(1);
      const [winner] = answers;
      const record = (await store.get(userId, chatId))!;
      expect(record.stream).toBe(winner);
      expect(record.messages.map(({ id }) => id)).toEqual([`q-${winner}`]);
    });

    test('changes nothing where the chat points at another than was seen', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      const before = await store.get(userId, chatId);
      const late = { messages: [question('q2')], title: 'Another', instructions: 'Other.' };
      expect(await point('s2', { ...late, seen: null })).toBe('s1');
      expect(await point('s2', { ...late, seen: 's0' })).toBe('s1');
      expect(await store.get(userId, chatId)).toEqual(before);
    });

    test('makes no chat where one was seen that is no more', async () => {
      const { store, userId, chatId, point } = await chat();
      expect(await point('s2', { seen: 's1' })).toBe('');
      expect(await store.get(userId, chatId)).toBeNull();
    });

    test('moves on from the stream that was seen, and keeps title, beginning and instructions', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')], instructions: 'Be brief.' });
      const { createdAt } = (await store.get(userId, chatId))!;
      expect(await point('s2', { seen: 's1', title: 'Another', messages: [question('q2')] })).toBe('s2');
      const record = (await store.get(userId, chatId))!;
      expect(record).toMatchObject({ title: 'A title', createdAt, instructions: 'Be brief.', stream: 's2' });
      expect(record.messages.map(({ id }) => id).sort()).toEqual(['q1', 'q2']);
    });

    test('takes new instructions, also none', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { instructions: 'Be brief.' });
      await point('s2', { seen: 's1', instructions: '' });
      expect((await store.get(userId, chatId))!.instructions).toBe('');
    });

    test('said twice by the same is done once, also where it says to have seen nothing', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      const before = await store.get(userId, chatId);
      expect(await point('s1', { messages: [question('q1', { parts: [] })], title: 'Another' })).toBe('s1');
      expect(await store.get(userId, chatId)).toEqual(before);
    });

    test('does not write a message anew', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      await point('s2', { seen: 's1', messages: [question('q1', { parts: [] }), question('q2')] });
      expect((await store.get(userId, chatId))!.messages).toContainEqual(question('q1'));
    });
  });

  describe(`${name}: settle`, () => {
    test('keeps the answer and clears the pointer, and says how it ended', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1', { status: 'cancelled' }))).toBe(true);
      const record = (await store.get(userId, chatId))!;
      expect(record).toMatchObject({
        stream: null,
        streamAt: null,
        last: { streamId: 's1', messageId: 'a1', status: 'cancelled' },
        messages: [question('q1'), answer('a1', 'q1', { status: 'cancelled' })],
      });
      expect(record.last!.endedAt).toBe(record.updatedAt);
      expect(await store.pointer(userId, chatId)).toBeNull();
    });

    test('leaves a pointer to a later stream alone, and what is known of that', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await point('s2', { seen: 's1' });
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1'))).toBe(true);
      const record = (await store.get(userId, chatId))!;
      expect(record).toMatchObject({ stream: 's2', last: null });
      expect(record.messages.map(({ id }) => id)).toEqual(['a1']);
    });

    test('can be said any number of times', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.settle(userId, chatId, 's1', answer('a1', 'q1'));
      const before = await store.get(userId, chatId);
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1'))).toBe(true);
      expect(await store.get(userId, chatId)).toEqual(before);
    });

    test('does not bring a deleted chat back', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.delete(userId, chatId);
      expect(await store.settle(userId, chatId, 's1', answer('a1', 'q1'))).toBe(false);
      expect(await store.get(userId, chatId)).toBeNull();
      expect(await store.list(userId)).toEqual([]);
    });
  });

  describe(`${name}: unpoint`, () => {
    test('clears the pointer to that stream and to no other', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1');
      await store.unpoint(userId, chatId, 's0');
      expect(await store.pointer(userId, chatId)).toBe('s1');
      await store.unpoint(userId, chatId, 's1');
      expect(await store.pointer(userId, chatId)).toBeNull();
      expect(await store.get(userId, chatId)).toMatchObject({ stream: null, streamAt: null, last: null });
      expect(await point('s2')).toBe('s2');
    });

    test('is harmless where there is no chat', async () => {
      const { store, userId } = await chat();
      await store.unpoint(userId, 'nowhere', 's1');
      expect(await store.get(userId, 'nowhere')).toBeNull();
    });
  });

  describe(`${name}: messages`, () => {
    test('come oldest first', async () => {
      const { store, userId, chatId, point } = await chat();
      const at = (minute: number) => `2026-11-22T10:0${minute}:00.000Z`;
      await point('s2', {
        messages: [
          question('q2', { parentId: 'a1', createdAt: at(3) }),
          question('q1', { createdAt: at(1) }),
          question('q0', { createdAt: at(0) }),
        ],
      });
      await store.settle(userId, chatId, 's2', answer('a1', 'q1', { createdAt: at(2) }));
      expect((await store.get(userId, chatId))!.messages.map(({ id }) => id)).toEqual(['q0', 'q1', 'a1', 'q2']);
    });

    test('come a parent before its children, also where all were brought in the same moment', async () => {
      const { store, userId, chatId, point } = await chat();
      const ids = Array.from({ length: 30 }, (_, i) => (i % 2 ? `a${i}` : `q${i}`));
      const messages = ids.map((id, i) => {
        const parentId = ids[i - 1] ?? null;
        return i % 2 ? { ...answer(id, parentId!), status: undefined } : question(id, { parentId });
      });
      await point('s1', { messages });
      const read = (await store.get(userId, chatId))!.messages;
      expect(read.map(({ id }) => id)).toEqual(ids);
    });

    test('come a parent before its children, also where clocks differ', async () => {
      const { store, userId, chatId, point } = await chat();
      const [early, late] = ['2026-11-22T09:59:00.000Z', '2026-11-22T10:01:00.000Z'];
      await point('s1', {
        messages: [
          question('q3', { parentId: 'a2', createdAt: early }),
          question('q1', { createdAt: NOW }),
          question('q0', { createdAt: early }),
        ],
      });
      await store.settle(userId, chatId, 's1', answer('a2', 'q1', { createdAt: late }));
      expect((await store.get(userId, chatId))!.messages.map(({ id }) => id)).toEqual(['q0', 'q1', 'a2', 'q3']);
    });

    test('come also where the message before them is not kept', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q2', { parentId: 'lost' })] });
      expect((await store.get(userId, chatId))!.messages).toHaveLength(1);
    });

    test('come whole, however many there are, in any script', async () => {
      const { store, userId, chatId, point } = await chat();
      const messages = Array.from({ length: 600 }, (_, i) =>
        question(`q${i}`, {
          createdAt: new Date(Date.parse(NOW) + i).toISOString(),
          parts: [{ type: 'text', text: `日本語 \u2028 "\\" ${i}` }],
        }),
      );
      await point('s1', { messages });
      expect((await store.get(userId, chatId))!.messages).toEqual(messages);
    });
  });

  describe(`${name}: list`, () => {
    test('holds a person’s chats, newest first, without their messages', async () => {
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
      expect((await store.list(userId)).map(({ chatId }) => chatId)).toEqual(['three', 'two', 'one']);
      await store.settle(userId, 'one', 's-one', answer('a1', 'q1'));
      const list = await store.list(userId);
      expect(list.map(({ chatId }) => chatId)).toEqual(['one', 'three', 'two']);
      expect(list[0]).toMatchObject({ title: 'one', messages: [], last: { streamId: 's-one' } });
      expect(await store.list(randomId('user'))).toEqual([]);
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
      expect((await store.list(userId)).map((record) => record.chatId)).toEqual(['newer', chatId]);
    });
  });

  describe(`${name}: patch and delete`, () => {
    test('a patch changes what it names', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { instructions: 'Be brief.', messages: [question('q1')] });
      expect(await store.patch(userId, chatId, { title: 'New', readAt: NOW })).toBe(true);
      expect(await store.get(userId, chatId)).toMatchObject({
        title: 'New',
        readAt: NOW,
        instructions: 'Be brief.',
        stream: 's1',
        messages: [question('q1')],
      });
      expect(await store.patch(userId, chatId, { title: undefined })).toBe(true);
      expect(await store.patch(userId, chatId, { instructions: '' })).toBe(true);
      expect(await store.get(userId, chatId)).toMatchObject({ title: 'New', instructions: '' });
    });

    test('a patch makes no chat', async () => {
      const { store, userId } = await chat();
      expect(await store.patch(userId, 'nowhere', { title: 'New' })).toBe(false);
      expect(await store.get(userId, 'nowhere')).toBeNull();
    });

    test('a deleted chat is gone, and its id can be used again', async () => {
      const { store, userId, chatId, point } = await chat();
      await point('s1', { messages: [question('q1')] });
      expect(await store.delete(userId, chatId)).toBe(true);
      expect(await store.delete(userId, chatId)).toBe(false);
      expect([await store.get(userId, chatId), await store.pointer(userId, chatId)]).toEqual([null, null]);
      expect(await store.list(userId)).toEqual([]);
      expect(await point('s2')).toBe('s2');
      expect((await store.get(userId, chatId))!.messages).toEqual([]);
    });
  });

  describe(`${name}: people and time`, () => {
    test('chats of two people with one id have nothing to do with each other', async () => {
      const { store, chatId, point, userId } = await chat();
      await point('s1', { messages: [question('q1')] });
      const other = randomId('user');
      const foreign = { userId: other, chatId, seen: null, streamId: 's2', title: '', instructions: undefined };
      expect(await store.get(other, chatId)).toBeNull();
      expect(await store.point({ ...foreign, messages: [] })).toBe('s2');
      expect(await store.pointer(userId, chatId)).toBe('s1');
      await store.delete(other, chatId);
      expect((await store.get(userId, chatId))!.messages).toHaveLength(1);
    });

    test('a chat that nobody touches is gone after its time, also from the list', async () => {
      const { store, userId, chatId, point } = await chat({ ttlMs: 60 });
      await point('s1');
      await vi.waitFor(async () => expect(await store.get(userId, chatId)).toBeNull());
      expect(await store.list(userId)).toEqual([]);
    });
  });
}

/** Resolves in the next millisecond of the clock. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() <= now + 1) await new Promise((resolve) => setTimeout(resolve, 1));
}
