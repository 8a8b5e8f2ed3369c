import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Chat } from '../../shared/chat/chat.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openFeed, type FeedReader } from '../../testing/feed-reader.ts';
import { figure } from '../../testing/figures.ts';
import { openRoom } from '../../testing/room.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const SILENT = 'synthetic/3x20@0?startDelayMs=600000';
const QUICK = 'synthetic/3x20@100';

let bed: TestBed;
let redis: TestSidecar;
let other: TestSidecar;
let memory: TestSidecar;
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_FEEDS_PER_USER: '3', MAX_FEEDS_PER_ROOM: '5', MAX_STARTS_PER_MINUTE: '4' } });
  [redis, other, memory] = await Promise.all([bed.start(), bed.start(), bed.start({ REDIS_URL: '' })]);
});
afterAll(() => bed.close());

describe.each(['Redis', 'the memory of one process'])('with %s', (where) => {
  let ann: Caller;
  let bob: Caller;
  let chatId: string;
  /** The id under which Bob uses the chat: `~` and the id of the room. */
  let ref: string;
  /** The sidecar that Bob uses. With Redis it is not the one that Ann uses. */
  const there = () => (where === 'Redis' ? other : memory);
  const ask = (caller: Caller, chat: string, n: number, more: Record<string, unknown> = {}) =>
    caller.start({
      chatId: chat,
      messageId: `a${n}`,
      messages: [{ id: `q${n}`, role: 'user', content: `Question ${n}` }],
      modelId: QUICK,
      ...more,
    });
  const say = (caller: Caller, chat: string, messageId: string, more: Record<string, unknown> = {}) =>
    caller.call('POST', `/chats/${chat}/say`, { body: { messageId, text: `Said ${messageId}`, ...more } });
  const read = async (caller: Caller, chat: string) => (await caller.call<Chat>('GET', `/chats/${chat}`)).body;
  const quiet = (caller: Caller, chat: string) =>
    eventually('no answer is being written', async () => (await read(caller, chat)).stream === null);
  const path = async (caller: Caller, chat: string) =>
    (await read(caller, chat)).messages.map(({ id, by }) => (by ? `${id} ${by.name}` : id));
  const whats = (feed: FeedReader) => feed.changes.map(({ what }) => what);

  beforeEach(async () => {
    const sidecar = where === 'Redis' ? redis : memory;
    [ann, bob] = await Promise.all([createCaller(sidecar), createCaller(there())]);
    chatId = newId('chat');
    await ask(ann, chatId, 0);
    await quiet(ann, chatId);
    ref = await openRoom(ann, chatId, [{ caller: bob, name: 'Bob' }], 'Ann');
  });

  test('a page gets the list of people who are here, and every change that others make', async () => {
    const annsPage = openFeed(ann, chatId, { tab: 'a' });
    await annsPage.until(({ names }) => names.join() === 'Ann');
    expect(await annsPage.reader.head).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
    });
    const bobsPage = openFeed(bob, ref, { tab: 'b' });
    await Promise.all([annsPage, bobsPage].map((page) => page.until(({ names }) => names.join() === 'Ann,Bob')));
    expect(annsPage.here).toEqual([
      { userId: ann.userId, name: 'Ann', role: 'owner', typing: false },
      { userId: bob.userId, name: 'Bob', role: 'editor', typing: false },
    ]);
    expect(annsPage.changes).toEqual([]);
    const before = (await read(bob, ref)).room!.v;

    expect((await ask(bob, ref, 1, { modelId: SILENT })).status).toBe(201);
    await annsPage.until(({ changes }) => changes.some(({ what, by }) => what === 'turn' && by === bob.userId));
    await ask(ann, chatId, 2, { whenBusy: 'queue' });
    await bobsPage.until(({ changes }) => changes.some(({ what, by }) => what === 'queue' && by === ann.userId));
    await ann.call('PATCH', `/chats/${chatId}`, { body: { title: 'Renamed' } });
    await bobsPage.until((page) => whats(page).includes('title'));
    const { body: stopping } = await bob.call<Chat>('GET', `/chats/${ref}`);
    await bob.cancel(stopping.stream!.streamId);
    await bob.call('POST', `/chats/${ref}/queue`, { body: { action: 'resume' } });
    await quiet(ann, chatId);
    const { v } = (await read(ann, chatId)).room!;
    expect(v).toBeGreaterThan(before);
    // Both pages have the latest version, which is also the id of their last event.
    await Promise.all([annsPage, bobsPage].map((page) => page.until(({ changes }) => changes.at(-1)?.v === v)));
    expect([annsPage.lastId, bobsPage.lastId]).toEqual([String(v), String(v)]);
    expect(annsPage.changes.map((change) => change.v)).toEqual(
      annsPage.changes.map((c) => c.v).toSorted((a, b) => a - b),
    );

    // A change that only the owner sees is not announced.
    await ann.call('PATCH', `/chats/${chatId}`, { body: { read: true, pinned: true } });
    expect((await read(ann, chatId)).room!.v).toBe(v);
    bobsPage.leave();
    await annsPage.until(({ names }) => names.join() === 'Ann');
    annsPage.leave();
  });

  test('a page that was away gets one change, and only if something has changed', async () => {
    const first = openFeed(bob, ref);
    await first.until(({ here }) => here.length > 0);
    const lastEventId = first.lastId!;
    first.leave();
    const unchanged = openFeed(bob, ref, { lastEventId });
    await unchanged.until(({ here }) => here.length > 0);
    unchanged.leave();
    for (const id of ['s1', 's2', 's3']) await say(ann, chatId, id);
    const { v } = (await read(ann, chatId)).room!;
    for (const away of [
      { lastEventId },
      { after: lastEventId },
      { lastEventId: 'x' },
      { lastEventId: String(v + 1) },
    ]) {
      const page = openFeed(bob, ref, away);
      await page.until(({ here }) => here.length > 0);
      expect(page.changes).toEqual([{ v, what: 'all', by: null }]);
      page.leave();
    }
    const current = openFeed(bob, ref, { lastEventId: String(v) });
    await current.until(({ here }) => here.length > 0);
    await say(ann, chatId, 's4');
    await current.until(({ changes }) => changes.length > 0);
    expect(current.changes).toEqual([{ v: v + 1, what: 'turn', by: ann.userId }]);
    expect(unchanged.changes).toEqual([]);
    current.leave();
  });

  test('many changes in quick succession are sent as a few events', async () => {
    const page = openFeed(ann, chatId);
    await page.until(({ here }) => here.length > 0);
    const before = (await read(ann, chatId)).room!.v;
    await Promise.all(Array.from({ length: 60 }, (_, i) => say(i % 2 ? ann : bob, i % 2 ? chatId : ref, `s${i}`)));
    await page.until(({ changes }) => changes.at(-1)?.v === before + 60);
    expect(page.changes.length).toBeLessThan(30);
    page.leave();
  });

  test('typing is shown until it stops, and a person with two pages is in the list once', async () => {
    const typing = (caller: Caller, chat: string, tab: string, isTyping: boolean) =>
      caller.call('POST', `/chats/${chat}/presence`, { body: { tab, typing: isTyping } });
    const annsPage = openFeed(ann, chatId, { tab: 'a' });
    const bobsPages = [openFeed(bob, ref, { tab: 'b1' }), openFeed(bob.at(memoryOr(redis)), ref, { tab: 'b2' })];
    await Promise.all(bobsPages.map((page) => page.until(({ here }) => here.length === 2)));
    await annsPage.until(({ names }) => names.join() === 'Ann,Bob');
    expect((await typing(bob, ref, 'b2', true)).status).toBe(204);
    await annsPage.until(({ names }) => names.join() === 'Ann,Bob…');
    await typing(bob, ref, 'b2', false);
    await annsPage.until(({ names }) => names.join() === 'Ann,Bob');
    // The end of typing does not add a page that has left.
    bobsPages[0]!.leave();
    await typing(bob, ref, 'b1', false);
    await typing(bob, ref, 'b2', true);
    await annsPage.until(({ names }) => names.join() === 'Ann,Bob…');
    bobsPages[1]!.leave();
    await annsPage.until(({ names }) => names.join() === 'Ann');
    for (const body of [{ tab: 'b' }, { tab: 'no spaces', typing: true }, { tab: 'b', typing: 'yes' }])
      expect((await bob.call('POST', `/chats/${ref}/presence`, { body })).body.code).toBe('invalid_request');
    annsPage.leave();
  });
  const memoryOr = (sidecar: TestSidecar) => (where === 'Redis' ? sidecar : memory);

  test('only people with a role in a room can open its feed, and the number of open feeds is limited', async () => {
    const stranger = await createCaller(memoryOr(redis));
    const alone = newId('chat');
    await ask(ann, alone, 0);
    for (const [caller, chat] of [
      [stranger, ref],
      [stranger, chatId],
      [ann, alone],
      [ann, newId('chat')],
      [bob, `~${'a'.repeat(26)}`],
    ] as const) {
      const feed = await caller.call('GET', `/chats/${chat}/events`);
      const presence = await caller.call('POST', `/chats/${chat}/presence`, { body: { tab: 't', typing: true } });
      expect([feed.status, presence.status]).toEqual([404, 404]);
      expect(feed.text).toBe(presence.text);
    }
    const pages = [1, 2, 3].map(() => openFeed(ann, chatId));
    await Promise.all(pages.map((page) => page.until(({ here }) => here.length > 0)));
    const refused = await ann.call('GET', `/chats/${chatId}/events`);
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_readers']);
    const more = [openFeed(bob.at(ann), ref), openFeed(bob.at(ann), ref)];
    await Promise.all(more.map((page) => page.until(({ here }) => here.length === 2)));
    expect((await bob.at(ann).call('GET', `/chats/${ref}/events`)).body.code).toBe('too_many_readers');
    expect(await figure(ann, 'rejoin_feeds')).toBe(5);
    expect(await figure(ann, 'rejoin_readers')).toBe(0);
    for (const page of [...pages, ...more]) page.leave();
    await eventually('no feed is open any more', async () => (await figure(ann, 'rejoin_feeds')) === 0);
  });

  test('questions, streams and turns name the person who asked, even after that person has left', async () => {
    const { body } = await ask(bob, ref, 1, { modelId: SILENT });
    expect(body).toMatchObject({ chatId: ref });
    await ask(ann, chatId, 2, { whenBusy: 'queue' });
    // A turn without a new question: another version of the first answer.
    await ask(bob, ref, 3, { whenBusy: 'queue', messages: [{ id: 'q0', role: 'user', content: 'Question 0' }] });
    const by = (caller: Caller, name: string) => ({ by: { userId: caller.userId, name } });
    const chat = await read(ann, chatId);
    expect(chat.stream).toMatchObject(by(bob, 'Bob'));
    expect(chat.queue.turns).toMatchObject([by(ann, 'Ann'), by(bob, 'Bob')]);
    expect(chat.messages.at(-1)).toMatchObject({ id: 'q1', ...by(bob, 'Bob') });
    expect(chat.messages[0]).not.toHaveProperty('by');
    expect((await bob.state(body.streamId)).by).toEqual(by(bob, 'Bob').by);
    // A stream is in the list of the person who asked, with that person's id for the chat.
    const active = async (caller: Caller) =>
      (await caller.call<{ streams: { chatId: string }[] }>('GET', '/streams')).body.streams.map((one) => one.chatId);
    expect([await active(bob), await active(ann)]).toEqual([[ref], []]);
    await bob.cancel(body.streamId);
    await ann.call('POST', `/chats/${chatId}/queue`, { body: { action: 'discard' } });
    await ann.call('DELETE', `/chats/${chatId}/members/${bob.userId}`);
    expect(await path(ann, chatId)).toEqual(['q0', 'a0', 'q1 Bob', 'a1']);
  });

  test('a stopped answer names the person of the room who cancelled it, or who interrupted it with another message', async () => {
    const stoppers = async (caller: Caller, chat: string) =>
      (await read(caller, chat)).messages.filter(({ role }) => role === 'assistant').map(({ stoppedBy }) => stoppedBy);
    const author = (caller: Caller, name: string) => ({ userId: caller.userId, name });
    const first = await ask(ann, chatId, 1, { modelId: SILENT });
    await bob.cancel(first.body.streamId);
    await ask(ann, chatId, 2, { modelId: SILENT });
    await ask(bob, ref, 3, { modelId: SILENT, whenBusy: 'queue' });
    await bob.call('POST', `/chats/${ref}/queue`, { body: { action: 'send', messageId: 'a3' } });
    await eventually('the third answer is written', async () => (await read(bob, ref)).stream?.messageId === 'a3');
    const last = await ask(ann, chatId, 4, { modelId: SILENT, whenBusy: 'interrupt' });
    await eventually('the fourth answer is written', async () => (await read(bob, ref)).stream?.messageId === 'a4');
    const administrator = await createCaller({ url: ann.url }, { isAdmin: true });
    await administrator.cancel(last.body.streamId);
    const named = [undefined, author(bob, 'Bob'), author(bob, 'Bob'), author(ann, 'Ann'), undefined];
    expect(await stoppers(ann, chatId)).toEqual(named);
    expect(await stoppers(bob, ref)).toEqual(named);

    const alone = newId('chat');
    const { body } = await ask(bob, alone, 1, { modelId: SILENT });
    await bob.cancel(body.streamId);
    expect(await stoppers(bob, alone)).toEqual([undefined]);
  });

  test('the same message id from another person is refused, whether the answer runs, waits or has ended', async () => {
    await ask(bob, ref, 1, { modelId: SILENT });
    expect((await ask(bob, ref, 1, { modelId: SILENT })).status).toBe(200);
    expect((await ask(ann, chatId, 1, { modelId: SILENT })).body.code).toBe('idempotency_mismatch');
    await ask(ann, chatId, 2, { whenBusy: 'queue' });
    expect((await ask(ann, chatId, 2, { whenBusy: 'queue' })).status).toBe(202);
    expect((await ask(bob, ref, 2, { whenBusy: 'queue' })).body.code).toBe('idempotency_mismatch');
    expect((await ask(bob, ref, 0)).body.code).toBe('idempotency_mismatch');
    await ann.cancel((await read(ann, chatId)).stream!.streamId);
  });

  test('a start counts against the limit of the person who asks, not against that of the owner of the chat', async () => {
    for (const n of [1, 2, 3, 4]) {
      expect((await ask(bob, ref, n)).status).toBe(201);
      await quiet(bob, ref);
    }
    expect((await ask(bob, ref, 5)).body.code).toBe('rate_limited');
    expect((await ask(ann, chatId, 6)).status).toBe(201);
  });

  describe('say', () => {
    test('adds a message without an answer, and adds a repeated message only once', async () => {
      expect(await say(bob, ref, 's1')).toMatchObject({ status: 201, body: { messageId: 's1' } });
      expect(await say(bob, ref, 's1')).toMatchObject({ status: 200, body: { messageId: 's1' } });
      for (const again of [say(bob, ref, 's1', { text: 'Other' }), say(ann, chatId, 's1'), say(ann, chatId, 'a0')])
        expect((await again).body.code).toBe('idempotency_mismatch');
      expect(await path(ann, chatId)).toEqual(['q0', 'a0', 's1 Bob']);
      expect((await say(bob, ref, 's2', { parentId: 'none' })).body.code).toBe('invalid_request');
      expect((await say(bob, ref, 's2', { text: '' })).body.code).toBe('invalid_request');
      await say(bob, ref, 's2', { parentId: 'a0' });
      expect(await path(ann, chatId)).toEqual(['q0', 'a0', 's2 Bob']);
      expect((await read(ann, chatId)).stream).toBeNull();
      expect((await say(bob, newId('chat'), 's1')).status).toBe(404);
    });

    test('works in a chat without a room, and the message then names no author', async () => {
      const alone = newId('chat');
      await ask(ann, alone, 0);
      await quiet(ann, alone);
      expect((await say(ann, alone, 's1')).status).toBe(201);
      expect(await path(ann, alone)).toEqual(['q0', 'a0', 's1']);
    });

    test('while an answer is written, keeps the message and adds it after the answer, before the queued turn', async () => {
      const { body } = await ask(bob, ref, 1, { modelId: SILENT });
      await ask(bob, ref, 2, { whenBusy: 'queue' });
      const saidBy = async (caller: Caller, chat: string) =>
        (await read(caller, chat)).said.map(({ id, parentId, by }) => [id, parentId, by?.name]);
      expect((await say(ann, chatId, 's1')).status).toBe(201);
      expect((await say(bob, ref, 's2', { parentId: 's1' })).status).toBe(201);
      expect((await say(ann, chatId, 's3', { parentId: 'a1' })).status).toBe(201);
      expect((await say(ann, chatId, 's4', { parentId: 'q1' })).status).toBe(201);
      // A message that follows another answer or question is added immediately.
      expect((await say(ann, chatId, 's5', { parentId: 'q0' })).status).toBe(201);
      expect((await say(ann, chatId, 's1')).status).toBe(200);
      expect((await say(ann, chatId, 'q2')).body.code).toBe('idempotency_mismatch');
      expect(await saidBy(bob, ref)).toEqual([
        ['s1', 'a1', 'Ann'],
        ['s2', 'a1', 'Bob'],
        ['s3', 'a1', 'Ann'],
        ['s4', 'a1', 'Ann'],
      ]);
      await ann.cancel(body.streamId);
      await ann.call('POST', `/chats/${chatId}/queue`, { body: { action: 'resume' } });
      await quiet(ann, chatId);
      expect(await path(ann, chatId)).toEqual([
        'q0',
        'a0',
        'q1 Bob',
        'a1',
        's1 Ann',
        's2 Bob',
        's3 Ann',
        's4 Ann',
        'q2 Bob',
        'a2',
      ]);
      expect(await saidBy(bob, ref)).toEqual([]);
    });
  });
});
