import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Chat, ChatList } from '../../shared/chat/chat.ts';
import type { ForkAnswer } from '../../shared/chat/forks.ts';
import { messageText } from '../../shared/chat/messages.ts';
import { createFold } from '../../shared/stream/fold.ts';
import { createCaller, newId, type Answer, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openFlakyProxy } from '../../testing/flaky-proxy.ts';
import { createRandom } from '../../testing/random.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { checkWholeLog, chunkOf, countDeltas, framesIn, isDone, withoutComments } from '../../testing/whole-log.ts';

const QUICK = 'synthetic/3x20@0';
/** Writes ten deltas of 20 characters and then waits until it is cancelled. */
const PAUSED = 'synthetic/40x20@0?stallAt=10';

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

type Forked = Answer<ForkAnswer & { code?: string; streamId?: string }>;
const fork = (chatId: string, body: object, by = caller): Promise<Forked> =>
  by.call('POST', `/chats/${chatId}/forks`, { body });
const list = async (by = caller) => (await by.call<ChatList>('GET', '/chats')).body.chats;

/** A chat `q1 ─ a1 ─ q2 ─ a2` whose answers have ended. */
async function answeredChat(chatId = newId('chat'), by = caller): Promise<string> {
  for (const n of [1, 2]) {
    const streamId = await by.startStream({
      chatId,
      messageId: `a${n}`,
      modelId: QUICK,
      messages: [{ id: `q${n}`, role: 'user', content: `Question ${n}` }],
    });
    await by.untilEnded(streamId);
    await eventually('the answer is settled', async () => (await by.chat(chatId)).stream === null);
  }
  return chatId;
}

/** A chat whose only answer, `a1`, is still active: its model has written ten deltas and now sends nothing. */
async function pausedChat(by = caller): Promise<{ chatId: string; streamId: string; lastEventId: string }> {
  const chatId = newId('chat');
  const messages = [{ id: 'q1', role: 'user', content: 'Tides?' }];
  const streamId = await by.startStream({ chatId, messageId: 'a1', modelId: PAUSED, messages });
  let lastEventId = '';
  await eventually('ten deltas are stored', async () => {
    const { stream } = await by.chat(chatId);
    lastEventId = stream?.lastEventId ?? '';
    return messageText(stream!.message).length === 200;
  });
  return { chatId, streamId, lastEventId };
}

describe('a fork', () => {
  test('has the messages up to the chosen one, is listed in the original chat, and stays when that chat is deleted', async () => {
    const chatId = await answeredChat();
    await caller.call('PATCH', `/chats/${chatId}`, { body: { title: 'Tides', instructions: 'Be brief.' } });
    const before = JSON.stringify(await caller.messages(chatId));
    const made = await fork(chatId, { forkId: 'b1', messageId: 'a1' });
    expect(made.status).toBe(201);
    const from = { chatId, messageId: 'a1', at: null, title: 'Tides' };
    expect(made.body).toEqual({ chatId: 'b1', leafId: 'a1', from });
    expect(await caller.chat('b1')).toMatchObject({
      title: 'Tides',
      instructions: 'Be brief.',
      from: { ...from, exists: true },
      forks: [],
      stream: null,
      messageCount: 2,
    });
    const original = await caller.messages(chatId);
    expect(await caller.messages('b1')).toEqual(original.slice(0, 2));
    expect((await list()).map((chat) => [chat.chatId, chat.forked, chat.unread])).toEqual([
      ['b1', true, false],
      [chatId, false, true],
    ]);

    const streamId = await caller.startStream({
      chatId: 'b1',
      messageId: 'a2',
      modelId: QUICK,
      messages: [{ id: 'q2b', role: 'user', content: 'Something else' }],
    });
    await caller.untilEnded(streamId);
    await eventually('the answer is settled', async () => (await caller.chat('b1')).stream === null);
    expect((await caller.messages('b1')).map(({ id }) => id)).toEqual(['q1', 'a1', 'q2b', 'a2']);
    // A fork of the fork, with a title of its own. Its last message is a question.
    const second = await fork('b1', { forkId: 'b2', messageId: 'q2b', title: ' Second ' });
    expect([second.status, second.body.from]).toEqual([
      201,
      { chatId: 'b1', messageId: 'q2b', at: null, title: 'Tides' },
    ]);
    expect((await caller.chat('b2')).messages.map(({ id }) => id)).toEqual(['q1', 'a1', 'q2b']);
    expect((await caller.chat('b2')).title).toBe('Second');
    expect((await caller.chat(chatId)).forks).toEqual([{ messageId: 'a1', chatId: 'b1', title: 'Tides' }]);

    expect(JSON.stringify(await caller.messages(chatId))).toBe(before);
    await caller.call('DELETE', '/chats/b2');
    expect((await caller.chat('b1')).forks).toEqual([]);
    await caller.call('DELETE', `/chats/${chatId}`);
    expect((await caller.chat('b1')).from).toEqual({ ...from, exists: false });
    expect((await caller.messages('b1')).map(({ id }) => id)).toEqual(['q1', 'a1', 'q2b', 'a2']);
    expect((await fork(chatId, { forkId: 'b1', messageId: 'a1' })).status).toBe(200);
  });

  test('of a part of an answer can be continued, and the original answer goes on', async () => {
    const { chatId, streamId } = await pausedChat();
    const made = await fork(chatId, { forkId: 'b1', messageId: 'a1', at: 'now' });
    expect(made.status).toBe(201);
    const [, partial] = (await caller.chat('b1')).messages;
    expect(partial).toMatchObject({ id: 'a1', status: 'partial', parentId: 'q1', modelId: PAUSED });
    const text = messageText(partial!);
    expect(countDeltas(text, 20)).toBe(10);
    expect((await caller.chat(chatId)).forks).toMatchObject([{ messageId: 'a1', chatId: 'b1' }]);
    const continued = await caller.startStream({
      chatId: 'b1',
      messageId: 'a1b',
      modelId: 'synthetic/40x20@0',
      continueFrom: 'a1',
      messages: [{ id: 'q1', role: 'user', content: 'Tides?' }],
    });
    await caller.untilEnded(continued);
    await eventually('the answer is settled', async () => (await caller.chat('b1')).stream === null);
    const whole = messageText((await caller.chat('b1')).messages.at(-1)!);
    expect(whole.startsWith(text)).toBe(true);
    expect(countDeltas(whole, 20)).toBe(40);
    expect((await caller.state(streamId)).status).toBe('active');

    // Once the answer has ended, `now` and the id of its last event both copy the whole message.
    expect((await caller.cancel(streamId)).body.status).toBe('cancelled');
    const { lastEventId } = await caller.state(streamId);
    for (const [forkId, at] of [
      ['b2', 'now'],
      ['b3', lastEventId],
    ]) {
      expect((await fork(chatId, { forkId, messageId: 'a1', at })).body.from.at).toBe(lastEventId);
      expect((await caller.chat(forkId!)).messages.at(-1)).toMatchObject({ status: 'cancelled' });
    }
  });
});

test('fifty forks at random event ids of a running answer each have what a reader received up to that id', async () => {
  const random = createRandom(50);
  const chatId = newId('chat');
  const streamId = await caller.startStream({ chatId, messageId: 'a1', modelId: 'synthetic/4000x20@250' });
  const reader = openReader(caller, streamId);
  const made: { forkId: string; at: string }[] = [];
  while (made.length < 50) {
    await reader.until(({ bytes }) => bytes > 200 + made.length * 300);
    const body = withoutComments(reader.body);
    const frames = framesIn(body.subarray(0, body.lastIndexOf('\n\n') + 2));
    const some = Array.from({ length: 5 }, () => ({
      forkId: newId('fork'),
      at: frames[random.int(0, frames.length - 1)]!.id,
    }));
    const answers = await Promise.all(some.map((one) => fork(chatId, { ...one, messageId: 'a1' })));
    expect(answers.map(({ status, body: { from } }) => [status, from.at])).toEqual(some.map(({ at }) => [201, at]));
    made.push(...some);
  }
  expect((await caller.cancel(streamId)).body.status).toBe('cancelled');
  expect(await reader.ended).toBe('clean');
  const log = withoutComments(reader.body);
  const { text, frames } = checkWholeLog(log);
  expect(countDeltas(text, 20)).toBeGreaterThan(50);
  const state = await caller.state(streamId);
  expect(state.sha256).toBe(createHash('sha256').update(log).digest('hex'));
  expect(await bed.storedLog(streamId)).toEqual(log);
  for (const { forkId, at } of made) {
    const fold = createFold('a1');
    for (const frame of frames.slice(0, frames.findIndex(({ id }) => id === at) + 1))
      if (!isDone(frame)) fold.take(chunkOf(frame));
    const partial = (await caller.chat(forkId)).messages.at(-1)!;
    expect([partial.status, messageText(partial)]).toEqual(['partial', fold.text]);
  }
  expect((await caller.messages(chatId)).map(({ role }) => role)).toEqual(['user', 'assistant']);
});

describe('the same request', () => {
  test('makes one chat if it is sent twenty times at the same time, to two sidecars, with `at: "now"`', async () => {
    const other = await bed.start();
    const chatId = newId('chat');
    const streamId = await caller.startStream({ chatId, messageId: 'a1', modelId: 'synthetic/400x20@400' });
    const reader = openReader(caller, streamId);
    await reader.until(({ bytes }) => bytes > 1000);
    reader.leave();
    const body = { forkId: 'b1', messageId: 'a1', at: 'now' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => fork(chatId, body, i % 2 ? caller.at(other) : caller)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await list()).map((chat) => chat.chatId)).toEqual(['b1', chatId]);
    expect((await caller.chat('b1')).messageCount).toBe(2);
    // Later, "now" stands for another event id, but the request is the same.
    expect((await fork(chatId, body)).text).toBe(answers[0]!.text);
    const { at } = answers[0]!.body.from;
    expect((await fork(chatId, { ...body, at })).status).toBe(200);
    expect((await fork(chatId, { ...body, at: null })).body.code).toBe('chat_exists');
    await caller.cancel(streamId);
    await other.stop();
  });

  test('makes one whole chat if it is repeated after the first sidecar was killed in the middle of the copy', async () => {
    const chatId = await answeredChat();
    const body = { forkId: 'b1', messageId: 'a2' };
    // The sidecar is killed when it has sent the copied messages to Redis. fork-chat.test.ts tests a death after each step.
    let calls = 0;
    const proxy = await openFlakyProxy({
      port: Number(new URL(bed.redis.url).port),
      decide(request) {
        if (!request.includes(`chat:${caller.userId}:b1`) || !request.includes('"isNow"') || ++calls < 2) return null;
        void victim.kill('SIGKILL');
        return 'lose-reply';
      },
    });
    const victim = await bed.spawn({ REDIS_URL: proxy.url });
    await expect(fork(chatId, body, caller.at(victim))).rejects.toThrow();
    expect(await bed.db.hGet(`chat:${caller.userId}:b1`, 'count')).toBe('4');
    expect(await bed.db.pTTL(`chat:${caller.userId}:b1`)).toBeGreaterThan(0);
    expect((await list()).map((chat) => chat.chatId)).toEqual([chatId]);
    expect((await caller.call('GET', '/chats/b1')).status).toBe(404);
    // Until the copy is finished or expires, nobody can begin another chat with its id.
    const start = { chatId: 'b1', modelId: QUICK };
    expect((await caller.start(start)).body.code).toBe('chat_exists');
    expect((await fork(chatId, body)).status).toBe(201);
    expect(await caller.messages('b1')).toEqual(await caller.messages(chatId));
    expect((await list()).map((chat) => chat.chatId)).toEqual(['b1', chatId]);
    expect((await caller.start(start)).status).toBe(201);
    await proxy.close();
  });
});

test('a question with `atEnd` is refused if its parent is not the last message any more; without `atEnd` it is accepted', async () => {
  for (const url of [sidecar.url, (await bed.start({ REDIS_URL: '' })).url]) {
    const by = (await createCaller({ url })).at({ url });
    const chatId = await answeredChat(newId('chat'), by);
    const send = (text: string, more: object) => by.start({ chatId, modelId: QUICK, text, ...more });
    const stale = await send('Late', { parentId: 'a1', atEnd: true });
    expect([stale.status, stale.body]).toMatchObject([409, { code: 'stale_parent', leafId: 'a2' }]);
    expect((await by.chat(chatId)).messageCount).toBe(4);
    expect((await by.call('GET', '/streams')).body).toEqual({ streams: [] });
    const version = await send('A version', { parentId: 'a1', messageId: 'v1' });
    expect(version.status).toBe(201);
    await by.untilEnded(version.body.streamId);
    const end = { parentId: 'a2', atEnd: true, messageId: 'e1' };
    const [sent, repeated] = [await send('At the end', end), await send('At the end', end)];
    expect([sent.status, repeated.status, repeated.body.streamId]).toEqual([201, 200, sent.body.streamId]);
    await by.untilEnded(sent.body.streamId);
  }
});

describe('a fork is refused', () => {
  const problemOf = ({ status, body }: Forked) => [status, body.code];

  test('for chats of other people, places that do not exist, and ids that are taken; nothing is left behind', async () => {
    const bob = await createCaller(sidecar);
    const theirs = await answeredChat('shared-name', bob);
    const mine = await answeredChat();
    const { chatId, streamId, lastEventId } = await pausedChat();
    const [epoch, position] = lastEventId.split('-') as [string, string];
    const other = await pausedChat();
    const rows: [what: string, chatId: string, body: object, status: number, code: string][] = [
      ["another person's chat", theirs, { messageId: 'a1' }, 404, 'not_found'],
      ['an unknown chat', 'never-was', { messageId: 'a1' }, 404, 'not_found'],
      ['a message of another chat', mine, { messageId: 'm9' }, 404, 'not_found'],
      ['another chat in the body', mine, { messageId: 'a1', chatId }, 400, 'invalid_request'],
      ['no message', mine, {}, 400, 'invalid_request'],
      ['an id with a colon', mine, { messageId: 'a1', forkId: 'a:b' }, 400, 'invalid_request'],
      ['no title', mine, { messageId: 'a1', title: ' ' }, 400, 'invalid_request'],
      ['a long title', mine, { messageId: 'a1', title: 'x'.repeat(201) }, 400, 'title_too_long'],
      ['a place that is not an event id', mine, { messageId: 'a1', at: 'then' }, 400, 'invalid_event_id'],
      ['a place in a question', mine, { messageId: 'q1', at: lastEventId }, 409, 'event_not_on_log'],
      ['a place of another stream', mine, { messageId: 'a1', at: lastEventId }, 409, 'event_not_on_log'],
      ['a running answer as a whole', chatId, { messageId: 'a1' }, 409, 'stream_active'],
      ['another epoch', chatId, { messageId: 'a1', at: `9zzzz-${position}` }, 409, 'event_not_on_log'],
      [
        'a place inside a frame',
        chatId,
        { messageId: 'a1', at: `${epoch}-${Number(position) - 3}` },
        409,
        'event_not_on_log',
      ],
      [
        'a place past the end',
        chatId,
        { messageId: 'a1', at: `${epoch}-${Number(position) + 50}` },
        409,
        'event_not_on_log',
      ],
      [
        'the last event id of a similar answer in another chat',
        chatId,
        { messageId: 'a1', at: other.lastEventId },
        409,
        'event_not_on_log',
      ],
      ['the id of the chat itself', mine, { messageId: 'a1', forkId: mine }, 409, 'chat_exists'],
      ['the id of another chat', mine, { messageId: 'a1', forkId: chatId }, 409, 'chat_exists'],
    ];
    const before = (await bed.db.keys('*')).sort();
    for (const [what, from, body, status, code] of rows)
      expect([what, ...problemOf(await fork(from, { forkId: 'new', ...body }))]).toEqual([what, status, code]);
    expect((await fork(chatId, { forkId: 'new', messageId: 'a1' })).body.streamId).toBe(streamId);
    expect((await bed.db.keys('*')).sort()).toEqual(before);
    const versioned = await caller.call('POST', `/v1/chats/${mine}/forks`, { body: { forkId: 'b1', messageId: 'a1' } });
    expect(versioned.status).toBe(201);
    for (const body of [{ messageId: 'a2' }, { messageId: 'a1', at: 'now' }])
      expect(problemOf(await fork(mine, { forkId: 'b1', ...body }))).toEqual([409, 'chat_exists']);
    for (const each of [streamId, other.streamId]) await caller.cancel(each);
  });

  test('for a place in a log that was rewritten, and in a stream that has expired', async () => {
    const { chatId, streamId, lastEventId } = await pausedChat();
    // Redis loses the stream, and its owner writes it again under another epoch.
    await bed.db.del([`{stream:${streamId}}:log`, `{stream:${streamId}}:meta`, `stream:${streamId}`]);
    const epoch = () => bed.db.hGet(`{stream:${streamId}}:meta`, 'epoch');
    await eventually('the stream is written again', async () => (await epoch()) !== null);
    expect(await epoch()).not.toBe(lastEventId.split('-')[0]);
    const at = (place: string | null, forkId: string) => fork(chatId, { forkId, messageId: 'a1', at: place });
    expect(problemOf(await at(lastEventId, 'b1'))).toEqual([409, 'event_not_on_log']);
    expect((await at('now', 'b1')).status).toBe(201);
    expect(countDeltas(messageText((await caller.chat('b1')).messages.at(-1)!), 20)).toBe(10);
    await caller.cancel(streamId);
    const { lastEventId: last } = await caller.state(streamId);
    await bed.db.del([`{stream:${streamId}}:log`, `{stream:${streamId}}:meta`, `stream:${streamId}`]);
    expect(problemOf(await at(last, 'b2'))).toEqual([409, 'event_not_on_log']);
    const [whole, now] = [await at(null, 'b2'), await at('now', 'b3')];
    expect([whole.status, now.status, now.body.from.at]).toEqual([201, 201, null]);
  });

  test('for an id with the epoch before a takeover and a position after the takeover, but not for a real id', async () => {
    const [chatId, other] = [newId('chat'), await bed.start()];
    const streamId = await caller.startStream({ chatId, messageId: 'a1', modelId: 'synthetic/4000x20@100' });
    const events = async () => framesIn(await bed.storedLog(streamId)).map(({ id }) => id!);
    const epochOf = (id: string) => id.split('-')[0];
    await eventually('the answer has begun', async () => (await events()).length > 5);
    const [first] = await events();
    const admin = await createCaller(other, { isAdmin: true });
    await eventually('the other sidecar has taken over', async () => {
      await bed.db.hSet(`{stream:${streamId}}:meta`, 'lease', '1');
      await admin.cleanup('expired');
      return (await events()).some((id) => epochOf(id) !== epochOf(first!));
    });
    const all = await events();
    const last = all.findLast((id) => epochOf(id) === epochOf(first!))!;
    const next = all[all.indexOf(last) + 1]!;
    const at = (place: string, forkId: string) => fork(chatId, { forkId, messageId: 'a1', at: place });
    const fenced = `${epochOf(first!)}-${next.split('-')[1]}`;
    expect(problemOf(await at(fenced, 'fenced'))).toEqual([409, 'event_not_on_log']);
    expect((await caller.call('GET', '/chats/fenced')).status).toBe(404);
    for (const [place, forkId] of [
      [last, 'last'],
      [next, 'next'],
    ] as const)
      expect((await at(place, forkId)).body.from).toMatchObject({ at: place });
    await caller.cancel(streamId);
    await other.stop();
  });

  test('for a chat that was deleted, and nothing of it is kept', async () => {
    const { chatId, lastEventId } = await pausedChat();
    await caller.call('DELETE', `/chats/${chatId}`);
    for (const at of [lastEventId, 'now', null])
      expect(problemOf(await fork(chatId, { forkId: 'b1', messageId: 'a1', at }))).toEqual([404, 'not_found']);
    expect(await list()).toEqual([]);
    expect(await bed.db.keys(`chat:${caller.userId}:*`)).toEqual([]);
  });

  test('beyond the limits of messages and bytes per fork, and of chats per person: a fork counts as a chat', async () => {
    const tight = await bed.start({ MAX_CHATS_PER_USER: '2', MAX_MESSAGES_PER_CHAT: '3', MAX_FORK_BYTES: '2000' });
    const person = await createCaller(tight);
    const free = person.at(sidecar);
    const chatId = await answeredChat('c1', free);
    const at = (messageId: string, forkId: string) => fork(chatId, { forkId, messageId }, person);
    expect(problemOf(await at('a2', 'b1'))).toEqual([507, 'too_many_messages']);
    const long = await free.startStream({ chatId: 'c2', messageId: 'a1', modelId: 'synthetic/150x20@0' });
    await free.untilEnded(long);
    await eventually('the answer is settled', async () => (await free.chat('c2')).stream === null);
    expect(problemOf(await fork('c2', { forkId: 'b1', messageId: 'a1' }, person))).toEqual([507, 'quota_exceeded']);
    expect(problemOf(await at('a1', 'b1'))).toEqual([507, 'too_many_chats']);
    await free.call('DELETE', '/chats/c2');
    expect((await at('a1', 'b1')).status).toBe(201);
    expect(problemOf(await at('a1', 'b2'))).toEqual([507, 'too_many_chats']);
    const held = await bed.db.hGetAll(`{user_streams:${person.userId}}:bytes`);
    const stored = await bed.db.hGet(`chat:${person.userId}:b1`, 'bytes');
    expect(held[`c${person.userId}:b1`]).toBe(stored);
    await person.call('DELETE', '/chats/b1');
    expect((await at('a1', 'b2')).status).toBe(201);
    await tight.stop();
  });
});

test('a fork of a temporary chat is temporary, and forks work without Redis as well', async () => {
  const streamId = await caller.startStream({ chatId: 'secret', messageId: 'a1', modelId: QUICK, temporary: true });
  await caller.untilEnded(streamId);
  await eventually('the answer is settled', async () => (await caller.chat('secret')).stream === null);
  expect((await fork('secret', { forkId: 'b1', messageId: 'a1' })).status).toBe(201);
  expect(await caller.chat('b1')).toMatchObject({ temporary: true });
  expect(await list()).toEqual([]);

  const alone = await bed.start({ REDIS_URL: '' });
  const person = await createCaller(alone);
  const { chatId, streamId: running, lastEventId } = await pausedChat(person);
  const made = await Promise.all(
    Array.from({ length: 5 }, () => fork(chatId, { forkId: 'b1', messageId: 'a1', at: lastEventId }, person)),
  );
  expect(made.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
  expect((await person.call<Chat>('GET', '/chats/b1')).body.messages.at(-1)).toMatchObject({ status: 'partial' });
  expect((await list(person)).map((chat) => [chat.chatId, chat.forked])).toEqual([
    ['b1', true],
    [chatId, false],
  ]);
  await person.cancel(running);
  await alone.stop();
});
