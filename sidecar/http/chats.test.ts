import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Chat, ChatList, ChatSummary } from '../../shared/chat/chat.ts';
import type { SearchAnswer } from '../../shared/chat/search.ts';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, framesIn } from '../../testing/whole-log.ts';

const QUICK = 'synthetic/3x20@0';
const SILENT = 'synthetic/3x20@0?startDelayMs=600000';

let bed: TestBed;
let sidecar: TestSidecar;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  sidecar = await bed.start();
});
beforeEach(async () => {
  caller = await createCaller(sidecar);
});
afterAll(() => bed.close());

const list = async () => (await caller.call<{ chats: ChatSummary[] }>('GET', '/chats')).body.chats;
const latest = (chatId: string) => caller.call('GET', `/chats/${chatId}/stream`);
async function answered(chatId: string, messageId: string, more: object = {}): Promise<string> {
  const streamId = await caller.startStream({ chatId, messageId, modelId: QUICK, ...more });
  await caller.untilEnded(streamId);
  await eventually('the answer is settled', async () => (await caller.chat(chatId)).stream === null);
  return streamId;
}

describe('in lists and searches,', () => {
  test('a chat can be pinned and archived, and a temporary chat is in no list, but its answer can be resumed', async () => {
    for (const chatId of ['c1', 'c2']) await answered(chatId, 'a1', { text: `Tides of ${chatId}` });
    const get = async (query: string) => (await caller.call<ChatList>('GET', `/chats${query}`)).body;
    const ids = (chats: ChatSummary[]) => chats.map(({ chatId }) => chatId);
    const patch = (chatId: string, body: object) => caller.call('PATCH', `/chats/${chatId}`, { body });
    expect((await patch('c1', { pinned: true })).body).toMatchObject({ pinned: true, archived: false });
    const first = await get('');
    expect([ids(first.pinned), ids(first.chats)]).toEqual([['c1'], ['c2', 'c1']]);
    expect((await patch('c1', { archived: true })).body).toMatchObject({ pinned: false, archived: true });
    expect([ids((await get('')).pinned), ids((await get('')).chats)]).toEqual([[], ['c2']]);
    expect(ids((await get('?list=archived')).chats)).toEqual(['c1']);
    expect(await caller.chat('c1')).toMatchObject({ archived: true, pinned: false, temporary: false });

    // With 50 pinned chats, the maximum, another chat cannot be pinned. A request that pins and archives a chat is accepted, because
    // it only archives the chat.
    const pins = Array.from({ length: 50 }, (_, i) => ({ value: `p${i}`, score: i }));
    const keyOf = (chatId: string) => `chat:${caller.userId}:${chatId}`;
    for (const { value } of pins) {
      await bed.db.copy(keyOf('c2'), keyOf(value));
      await bed.db.hSet(keyOf(value), 'pinnedAt', '2026-01-01T00:00:00.000Z');
    }
    await bed.db.zAdd(`user_chats:${caller.userId}:pinned`, pins);
    expect((await patch('c2', { pinned: true })).body).toMatchObject({ code: 'invalid_request' });
    const both = await patch('c2', { pinned: true, archived: true });
    expect(both.body).toMatchObject({ pinned: false, archived: true });
    await patch('c2', { archived: false });
    await bed.db.del(pins.map(({ value }) => keyOf(value)));

    const streamId = await caller.startStream({
      chatId: 'secret',
      messageId: 'a1',
      modelId: 'synthetic/40x20@10',
      temporary: true,
      text: 'Tides in secret',
    });
    const watcher = openReader(caller, streamId);
    await watcher.until(({ bytes }) => bytes > 300);
    watcher.leave();
    const { stream, temporary } = await caller.chat('secret');
    expect(temporary).toBe(true);
    const reader = openReader(caller, streamId, { lastEventId: stream!.lastEventId! });
    expect(await reader.ended).toBe('clean');
    await eventually('the answer is settled', async () => (await caller.chat('secret')).stream === null);
    expect((await caller.messages('secret')).map(({ role }) => role)).toEqual(['user', 'assistant']);
    for (const body of [{ pinned: true }, { archived: true }])
      expect((await patch('secret', body)).body).toMatchObject({ code: 'invalid_request' });
    for (const query of ['', '?list=archived', '?q=secret'])
      expect(JSON.stringify(await get(query))).not.toContain('secret');
    expect((await caller.call<SearchAnswer>('GET', '/search?q=tides')).body.hits.map((hit) => hit.chatId)).toEqual([
      'c2',
      'c1',
    ]);

    await caller.call('DELETE', '/chats');
    for (const chatId of ['c1', 'c2', 'secret'])
      expect((await caller.call('GET', `/chats/${chatId}`)).status).toBe(404);
  });

  test('words are found in messages on every path through a chat; a hit has the line with the words, and hits come in pages', async () => {
    const ask = (id: string, text: string) => [{ id, role: 'user', content: text }];
    await answered('c1', 'a1', { messages: ask('q1', 'First a line.\nWhy do the TIDES rise & fall?') });
    await answered('c1', 'a2', { messages: ask('q2', 'And the wind?'), parentId: null });
    await answered('c2', 'a1', { text: 'Tides again' });
    await caller.call('PATCH', '/chats/c2', { body: { archived: true } });
    const search = async (query: string) => (await caller.call<SearchAnswer>('GET', `/search?${query}`)).body;
    const { hits, next } = await search('q=tides');
    expect(hits).toMatchObject([
      { chatId: 'c2', archived: true, title: { text: 'Tides again', marks: [{ from: 0, to: 5 }] } },
      {
        chatId: 'c1',
        archived: false,
        title: { text: 'First a line.', marks: [] },
        message: {
          messageId: 'q1',
          role: 'user',
          line: { text: 'Why do the TIDES rise & fall?', marks: [{ from: 11, to: 16 }] },
        },
      },
    ]);
    expect(next).toBeNull();
    const page = await search('q=tides&limit=1');
    expect(page.hits).toHaveLength(1);
    expect((await search(`q=tides&limit=1&before=${page.next}`)).hits).toMatchObject([{ chatId: 'c1' }]);
    for (const query of ['q=', 'q=%20', 'q=.*%25', 'q=nothing']) expect((await search(query)).hits).toEqual([]);
    for (const query of ['', `q=${'x'.repeat(300)}`, 'q=x&limit=0', 'q=x&before=y'])
      expect(await search(query)).toMatchObject({ code: 'invalid_request' });
  });

  test('a person may make only a few searches at a time', async () => {
    await answered('c1', 'a1', { text: 'Tides' });
    const many = await Promise.all(Array.from({ length: 12 }, () => caller.call('GET', '/search?q=tides')));
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200, 429]));
  });
});

describe('a conversation', () => {
  test('has its first question as the title, is listed before older conversations, and is unread until it is read', async () => {
    await answered('c1', 'a1', { text: 'How do tides work?\nI never knew.' });
    await answered('c2', 'a1', { text: 'x'.repeat(200) });
    const chats = await list();
    expect(chats.map(({ chatId, title }) => [chatId, title])).toEqual([
      ['c2', `${'x'.repeat(60)}…`],
      ['c1', 'How do tides work?'],
    ]);
    expect(chats[1]).toMatchObject({ unread: true, stream: { messageId: 'a1', status: 'completed' } });
    const patched = await caller.call('PATCH', '/chats/c1', { body: { title: '  Tides ', read: true } });
    expect(patched.body).toMatchObject({ chatId: 'c1', title: 'Tides', unread: false });
    expect((await list()).find(({ chatId }) => chatId === 'c1')).toMatchObject({ title: 'Tides', unread: false });
  });

  test('is listed with the outcome of its newest answer, even if the sidecar died before it noted the outcome in the chat', async () => {
    for (const chatId of ['c1', 'c2']) await answered(chatId, 'a1');
    const first = (await list()).map(({ stream }) => stream!.streamId);
    const ids = [await answered('c2', 'a2'), await answered('c1', 'a2')];
    for (const [i, chatId] of ['c2', 'c1'].entries())
      await bed.db.hSet(`chat:${caller.userId}:${chatId}`, {
        stream: ids[i]!,
        lastStream: first[i]!,
        lastMessage: 'a1',
        lastEndedAt: '2026-01-01T00:00:00.000Z',
      });
    await bed.db.hSet(`chat:${caller.userId}:c1`, 'readAt', '2026-02-01T00:00:00.000Z');
    // The key of c2's queue gets a value of a wrong type, so the newest answer of c2 cannot be settled. The list still has c2, with
    // its older answer.
    const queue = `{chat:${caller.userId}:c2}:queue`;
    await bed.db.set(queue, 'not a queue');
    const listed = await list();
    expect(listed.map(({ chatId, stream, unread }) => [chatId, stream?.streamId, unread])).toEqual([
      ['c1', ids[1], true],
      ['c2', first[0], true],
    ]);
    await bed.db.del(queue);
    expect((await list()).find(({ chatId }) => chatId === 'c2')).toMatchObject({ stream: { messageId: 'a2' } });
  });

  test('shows the answer that is being written, and the event id from which a reader continues', async () => {
    const streamId = await caller.startStream({ chatId: 'c1', messageId: 'a1', modelId: 'synthetic/60x20@40' });
    const watcher = openReader(caller, streamId);
    await watcher.until(({ bytes }) => bytes > 1000);
    watcher.leave();
    const { stream, messages } = await caller.chat('c1');
    expect(messages.map(({ role }) => role)).toEqual(['user']);
    expect(stream).toMatchObject({ streamId, status: 'active', parentId: messages[0]!.id });
    const reader = openReader(caller, streamId, { lastEventId: stream!.lastEventId! });
    expect(await reader.ended).toBe('clean');
    const log = await bed.storedLog(streamId);
    const place = framesIn(log).find(({ id }) => id === stream!.lastEventId)!;
    expect(place.position).toBe(stream!.bytes);
    expect(reader.body).toEqual(log.subarray(place.position));
    const { text } = checkWholeLog(log);
    const shown = stream!.message.parts.map((part) => (part.type === 'text' ? String(part.text) : '')).join('');
    expect(shown.length).toBeGreaterThan(0);
    expect(text.startsWith(shown)).toBe(true);
  });

  test('keeps every version of a question that is edited and of an answer that is written again', async () => {
    const question = { id: 'q1', role: 'user', content: 'One' };
    await answered('c1', 'a1', { messages: [question] });
    await answered('c1', 'a1b', { messages: [question] });
    await answered('c1', 'a2', {
      messages: [{ id: 'q1b', role: 'user', content: 'Another one' }],
      parentId: null,
    });
    expect((await caller.messages('c1')).map(({ id, parentId }) => [id, parentId])).toEqual([
      ['q1', null],
      ['a1', 'q1'],
      ['a1b', 'q1'],
      ['q1b', null],
      ['a2', 'q1b'],
    ]);
  });

  test('is read in pages of one path, with the ids of all versions of each message', async () => {
    await answered('c1', 'a1', { messages: [{ id: 'q1', role: 'user', content: 'One' }] });
    await answered('c1', 'a1b', { messages: [{ id: 'q1', role: 'user', content: 'One' }] });
    await answered('c1', 'a2', { messages: [{ id: 'q2', role: 'user', content: 'Two' }] });
    const get = async (query: string) => (await caller.call<Chat>('GET', `/chats/c1${query}`)).body;
    const ids = ({ messages }: Chat) => messages.map(({ id }) => id);
    const end = await get('?limit=2');
    expect([ids(end), end.before, end.messageCount]).toEqual([['q2', 'a2'], 'q2', 5]);
    const beginning = await get(`?limit=2&before=${end.before}`);
    expect([ids(beginning), beginning.before]).toEqual([['q1', 'a1b'], null]);
    expect(beginning.messages.map(({ versions }) => versions)).toEqual([undefined, ['a1', 'a1b']]);
    expect(ids(await get('?leaf=a1'))).toEqual(['q1', 'a1']);
    expect(await get('?at=q1')).toMatchObject({ messages: [{ id: 'q1' }], answers: ['a1', 'a1b'] });

    const streamId = await caller.startStream({
      chatId: 'c1',
      messageId: 'a1c',
      modelId: SILENT,
      messages: [{ id: 'q1', role: 'user', content: 'One' }],
    });
    const live = await get('');
    expect(live).toMatchObject({ messages: [{ id: 'q1' }], answers: ['a1', 'a1b'], stream: { streamId } });
    expect((await get('?before=q1')).stream).toBeNull();
    await caller.cancel(streamId);
  });

  test('is neither read nor listed if the request has an invalid limit, cursor, leaf or search', async () => {
    for (const query of ['?limit=0', '?limit=1000', '?limit=x', '?before=a.b', '?leaf=%2F'])
      expect((await caller.call('GET', `/chats/c1${query}`)).body).toMatchObject({ code: 'invalid_request' });
    for (const query of ['?limit=0', '?before=c1', `?q=${'x'.repeat(300)}`])
      expect((await caller.call('GET', `/chats${query}`)).body).toMatchObject({ code: 'invalid_request' });
  });

  test('is listed in pages, and is found by its title', async () => {
    for (const i of [1, 2, 3]) await answered(`c${i}`, 'a1', { text: `Question ${i}` });
    const get = async (query: string) => (await caller.call<ChatList>('GET', `/chats${query}`)).body;
    const first = await get('?limit=2');
    expect(first.chats.map(({ chatId }) => chatId)).toEqual(['c3', 'c2']);
    const second = await get(`?limit=2&before=${first.next}`);
    expect([second.chats.map(({ chatId }) => chatId), second.next]).toEqual([['c1'], null]);
    expect((await get('?q=question%201&limit=1')).chats.map(({ chatId }) => chatId)).toEqual(['c1']);
  });

  test('has a stream to follow while its answer is written, and for a minute after that', async () => {
    expect((await latest('c1')).status).toBe(204);
    const streamId = await caller.startStream({ chatId: 'c1', modelId: SILENT });
    expect((await latest('c1')).body).toEqual({ streamId, status: 'active' });
    await caller.cancel(streamId);
    expect((await latest('c1')).body).toEqual({ streamId, status: 'cancelled' });
    const minuteAgo = new Date(Date.now() - 61_000).toISOString();
    await bed.db.hSet(`chat:${caller.userId}:c1`, 'lastEndedAt', minuteAgo);
    expect((await latest('c1')).status).toBe(204);
  });

  test('is deleted with all its streams, even the one being written; all conversations are deleted by one request', async () => {
    const done = await answered('c1', 'a1');
    const active = await caller.startStream({ chatId: 'c1', messageId: 'a2', modelId: SILENT });
    const kept = await answered('c2', 'a1');
    // Something was asked in c1 within the last minute.
    const refused = await caller.call('DELETE', '/chats/c1?unlessAskedWithinMs=60000');
    expect([refused.status, refused.body.code]).toEqual([409, 'stale_parent']);
    await pause(50);
    expect((await caller.call('DELETE', '/chats/c1?unlessAskedWithinMs=10')).status).toBe(204);
    expect((await caller.call('GET', '/chats/c1')).status).toBe(404);
    for (const streamId of [done, active]) {
      expect((await caller.call('GET', `/streams/${streamId}`)).status).toBe(404);
      expect(await bed.db.exists([`stream:${streamId}`, `{stream:${streamId}}:log`])).toBe(0);
    }
    expect((await caller.state(kept)).status).toBe('completed');
    expect((await list()).map(({ chatId }) => chatId)).toEqual(['c2']);

    expect((await caller.call('DELETE', '/chats')).status).toBe(204);
    expect(await list()).toEqual([]);
    expect((await caller.call('GET', `/streams/${kept}`)).status).toBe(404);

    // A start during a deletion of all chats either comes before the deletion and is deleted, or comes after the deletion and goes on.
    const ids = Array.from({ length: 12 }, (_, i) => `c${i}`);
    const start = (chatId: string) => caller.start({ chatId, messageId: 'a1', modelId: SILENT });
    const deleteAll = () => caller.call('DELETE', '/chats');
    const deletions = [
      deleteAll(),
      ...ids.slice(0, 6).map(start),
      deleteAll(),
      ...ids.slice(6).map(start),
      deleteAll(),
    ];
    expect((await Promise.all(deletions)).map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
    const left = new Set((await list()).map(({ chatId }) => chatId));
    const { streams } = (await caller.call<{ streams: { chatId: string }[] }>('GET', '/streams')).body;
    expect(streams.filter(({ chatId }) => !left.has(chatId))).toEqual([]);
    expect((await deleteAll()).status).toBe(204);
    expect((await caller.call('GET', '/streams')).body).toEqual({ streams: [] });
    expect((await caller.start({ chatId: 'c1', messageId: 'a1', modelId: QUICK })).status).toBe(201);
  });
});
