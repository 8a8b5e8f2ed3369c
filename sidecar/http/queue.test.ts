import { Chat } from '@ai-sdk/react';
import { DefaultChatTransport } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Queue } from '../../shared/chat/chat.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const SILENT = 'synthetic/3x20@0?startDelayMs=600000';
const QUICK = 'synthetic/3x20@100';

let bed: TestBed;
let redis: TestSidecar;
let memory: TestSidecar;
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_QUEUED: '3' } });
  [redis, memory] = await Promise.all([bed.start(), bed.start({ REDIS_URL: '' })]);
});
afterAll(() => bed.close());

describe.each(['Redis', 'the memory of one process'])('with %s', (where) => {
  let caller: Caller;
  let chatId: string;
  let running: string;
  /** Lets `a1`, `a2`, … wait behind `a0`, which ends only when it is stopped. */
  async function fill(turns: number, modelId = QUICK): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 1; n <= turns; n++) ids.push((await enqueue(n, { modelId })).body.streamId);
    return ids;
  }
  const enqueue = (n: number, more: Record<string, unknown> = {}) =>
    caller.start({
      chatId,
      messageId: `a${n}`,
      messages: [{ id: `q${n}`, role: 'user', content: `Question ${n}` }],
      modelId: QUICK,
      whenBusy: 'queue',
      ...more,
    });
  const queue = async () => (await caller.call<Queue>('GET', `/chats/${chatId}/queue`)).body;
  const waiting = async () => (await queue()).turns.map(({ messageId }) => messageId);
  const act = (action: string, messageId?: string) =>
    caller.call('POST', `/chats/${chatId}/queue`, { body: { action, ...(messageId ? { messageId } : {}) } });
  const turn = (method: string, messageId: string, body?: unknown) =>
    caller.call(method, `/chats/${chatId}/queue/${messageId}`, { body });
  const ended = async () => {
    await eventually('nothing is written, and the queue is empty or paused', async () => {
      const { stream, queue: left } = await caller.chat(chatId);
      return stream === null && (left.turns.length === 0 || left.paused);
    });
    return (await caller.messages(chatId)).map(({ id, status }) => (status ? `${id} ${status}` : id));
  };

  beforeEach(async () => {
    caller = await createCaller(where === 'Redis' ? redis : memory);
    chatId = newId('chat');
    running = await caller.startStream({
      chatId,
      messageId: 'a0',
      messages: [{ id: 'q0', role: 'user', content: 'Question 0' }],
      modelId: SILENT,
    });
  });

  test('a start waits only if `whenBusy` says so, up to the limit, and a repeated start gets the same turn', async () => {
    expect((await enqueue(1, { whenBusy: undefined })).body).toMatchObject({
      code: 'stream_active',
      streamId: running,
    });
    expect((await enqueue(1, { whenBusy: 'reject' })).status).toBe(409);
    expect((await enqueue(1, { whenBusy: 'later' })).status).toBe(400);
    const first = await enqueue(1);
    expect([first.status, first.body]).toMatchObject([202, { messageId: 'a1', status: 'queued', place: 1 }]);
    await fill(3);
    expect([(await enqueue(2)).status, (await enqueue(2)).body.place]).toEqual([202, 2]);
    expect((await enqueue(2, { modelId: SILENT })).body.code).toBe('idempotency_mismatch');
    const full = await enqueue(4);
    expect([full.status, full.body.code, full.headers.get('ratelimit-limit')]).toEqual([429, 'queue_full', '3']);
    expect(full.headers.get('retry-after')).not.toBeNull();
    expect(await waiting()).toEqual(['a1', 'a2', 'a3']);
    for (const method of ['GET', 'DELETE']) expect((await turn(method, 'a4')).body.code).toBe('not_found');
    expect((await enqueue(5, { modelId: 'none' })).body.code).toBe('unknown_model');
    expect((await enqueue(5, { parentId: 'none' })).body.code).toBe('invalid_request');
    expect((await enqueue(0)).body.code).toBe('idempotency_mismatch');
    // In a chat without a running answer, a start with `whenBusy: 'queue'` does not wait.
    expect((await enqueue(1, { chatId: newId('chat'), modelId: SILENT })).status).toBe(201);
  });

  test('a stream that waits has a state, and its readers see its place and nothing else until it begins', async () => {
    const [, second] = await fill(2);
    expect(await caller.state(second!)).toMatchObject({ status: 'queued', place: 2, bytes: 0, lastEventId: null });
    const reader = openReader(caller, second!);
    await reader.until(({ body }) => body.includes('"place":2'));
    await turn('DELETE', 'a1');
    await reader.until(({ body }) => body.includes('"place":1'));
    await act('send', 'a2');
    await reader.until(({ body }) => body.includes('[DONE]'));
    const frames = reader.body
      .toString()
      .split(/(?<=\n\n)/)
      .filter((frame) => frame.startsWith('data:'));
    const places = frames.filter((frame) => frame.includes('data-queue'));
    expect(places.every((frame) => !frame.includes('\nid:') && frame.includes('"transient":true'))).toBe(true);
    expect(frames[places.length]).toContain('"type":"start"');
    expect((await ended()).slice(-2)).toEqual(['q2', 'a2 completed']);
  });

  test('`useChat` of the AI SDK shows nothing of a waiting stream until it begins, and no error', async () => {
    const [streamId] = await fill(1);
    const seen: string[] = [];
    const transport = new DefaultChatTransport({
      headers: { authorization: `Bearer ${caller.token}`, accept: 'text/event-stream' },
      prepareReconnectToStreamRequest: () => ({ api: `${caller.url}/streams/${streamId}/events` }),
    });
    // The class that `useChat` uses, without React.
    const chat = new Chat({
      id: chatId,
      transport,
      onError: (error) => void seen.push(`error: ${error.message}`),
      onData: ({ type, data }) => void seen.push(`${type} ${JSON.stringify(data)}`),
    });
    const followed = chat.resumeStream();
    await eventually('the place is sent', () => seen.length > 0);
    expect(seen).toEqual(['data-queue {"place":1}']);
    expect([chat.messages, chat.error]).toEqual([[], undefined]);
    await caller.cancel(running);
    await act('resume');
    await followed;
    expect(seen.filter((line) => line.startsWith('error'))).toEqual([]);
    expect([chat.status, chat.error, chat.messages.map(({ id, role }) => [id, role])]).toEqual([
      'ready',
      undefined,
      [['a1', 'assistant']],
    ]);
    expect(chat.messages[0]!.parts.map((part) => (part.type === 'text' ? part.text.length : 0))).toContain(60);
  });

  test('a stream that waits can be stopped: it ends as cancelled, and nothing of it is kept', async () => {
    const [first, second] = await fill(2);
    const reader = openReader(caller, first!);
    await reader.until(({ body }) => body.includes('data-queue'));
    expect((await caller.cancel(first!)).body).toMatchObject({ status: 'cancelled' });
    await reader.until(({ body }) => body.includes('[DONE]'));
    expect(reader.body.toString()).toMatch(/"type":"start".*"type":"abort"/s);
    expect((await turn('DELETE', 'a2')).body).toEqual({ turns: [], paused: false });
    expect((await caller.state(second!)).status).toBe('cancelled');
    for (const method of ['DELETE', 'PATCH'])
      expect((await turn(method, 'a2', method === 'PATCH' ? { place: 1 } : undefined)).body.code).toBe('not_waiting');
    await caller.cancel(running);
    expect(await ended()).toEqual(['q0', 'a0 cancelled']);
  });

  test('turns that wait can be edited, moved or sent immediately, and each keeps its model', async () => {
    await fill(2);
    await enqueue(3, { modelId: 'synthetic/2x20@100', instructions: 'Be brief.' });
    const edited = await turn('PATCH', 'a3', { text: 'Another question', place: 1 });
    expect(edited.body).toMatchObject({
      turns: [
        {
          messageId: 'a3',
          place: 1,
          modelId: 'synthetic/2x20@100',
          question: { parts: [{ text: 'Another question' }] },
        },
        { messageId: 'a1', place: 2 },
        { messageId: 'a2', place: 3 },
      ],
    });
    expect((await turn('PATCH', 'a3', {})).body.code).toBe('invalid_request');
    expect((await turn('PATCH', 'a3', { place: 0 })).body.code).toBe('invalid_request');
    await act('send', 'a2');
    expect(await ended()).toEqual([
      'q0',
      'a0 cancelled',
      'q2',
      'a2 completed',
      'q3',
      'a3 completed',
      'q1',
      'a1 completed',
    ]);
    const messages = await caller.messages(chatId);
    expect(messages.map(({ parentId }) => parentId)).toEqual([null, 'q0', 'a0', 'q2', 'a2', 'q3', 'a3', 'q1']);
    expect(messages[4]).toMatchObject({ parts: [{ text: 'Another question' }] });
    expect((await act('send', 'a2')).body.code).toBe('not_waiting');
  });

  test('a start that interrupts goes first, and the interrupted answer is kept as cancelled', async () => {
    await fill(1);
    const interrupting = await enqueue(2, { whenBusy: 'interrupt' });
    expect([201, 202]).toContain(interrupting.status);
    expect(await ended()).toEqual(['q0', 'a0 cancelled', 'q2', 'a2 completed', 'q1', 'a1 completed']);
  });

  test('a stop or a failure pauses the queue until it is resumed or discarded', async () => {
    await enqueue(1, { modelId: 'synthetic/9x20@100?failAt=2' });
    await enqueue(2);
    await enqueue(3);
    await caller.cancel(running);
    expect(await queue()).toMatchObject({ paused: true, turns: [{}, {}, {}] });
    // A new question does not wait. The turns in the queue stay paused.
    expect((await enqueue(4)).status).toBe(201);
    expect((await ended()).slice(-2)).toEqual(['q4', 'a4 completed']);
    expect((await act('resume')).status).toBe(200);
    expect((await ended()).slice(-2)).toEqual(['q1', 'a1 error']);
    expect(await waiting()).toEqual(['a2', 'a3']);
    expect((await act('discard')).body).toEqual({ turns: [], paused: false });
    expect((await ended()).length).toBe(6);
  });

  test('a queue does not exist for strangers, and only turns that wait can be changed', async () => {
    await fill(1);
    const stranger = await createCaller({ url: caller.url });
    const missing = await caller.call('GET', '/chats/none/queue');
    expect(missing.status).toBe(404);
    for (const [method, path, body] of [
      ['GET', `/chats/${chatId}/queue`, undefined],
      ['POST', `/chats/${chatId}/queue`, { action: 'discard' }],
      ['POST', `/chats/${chatId}/queue`, { action: 'send', messageId: 'a1' }],
      ['PATCH', `/chats/${chatId}/queue/a1`, { text: 'x' }],
      ['DELETE', `/chats/${chatId}/queue/a1`, undefined],
    ] as const)
      expect((await stranger.call(method, path, { body })).text).toBe(missing.text);
    expect((await turn('DELETE', 'never')).status).toBe(404);
    expect((await turn('DELETE', 'a0')).body.code).toBe('not_waiting');
    expect(await waiting()).toEqual(['a1']);
  });

  test('nothing can be sent or changed in an empty queue, and a turn that waits in another chat is not found in this chat', async () => {
    await caller.cancel(running);
    expect(await ended()).toEqual(['q0', 'a0 cancelled']);
    const empty = { turns: [], paused: false };
    for (const answer of [await act('resume'), await act('discard')])
      expect([answer.status, answer.body]).toEqual([200, empty]);
    expect(await queue()).toEqual(empty);
    const other = newId('chat');
    await caller.startStream({ chatId: other, messageId: 'b0', modelId: SILENT });
    await enqueue(1, { chatId: other, messageId: 'b1' });
    for (const [messageId, code] of [
      ['a0', 'not_waiting'],
      ['never', 'not_found'],
      ['b1', 'not_found'],
    ] as const) {
      const refused = [
        await act('send', messageId),
        await turn('GET', messageId),
        await turn('PATCH', messageId, { text: 'x' }),
        await turn('PATCH', messageId, { place: 1 }),
        await turn('DELETE', messageId),
      ];
      expect(refused.map(({ body }) => body.code)).toEqual(refused.map(() => code));
    }
    expect(await ended()).toEqual(['q0', 'a0 cancelled']);
    expect((await caller.chat(other)).queue.turns.map(({ messageId }) => messageId)).toEqual(['b1']);
    await caller.call('DELETE', `/chats/${other}`);
  });

  test('turns that wait are not removed by cleanups, but deleted with their chat', async () => {
    const [first] = await fill(1, SILENT);
    await caller.cleanup('force');
    expect((await caller.state(first!)).status).toBe('queued');
    await caller.call('DELETE', `/chats/${chatId}`);
    expect((await caller.call('GET', `/streams/${first}`)).status).toBe(404);
  });
});

test('a turn that has left the queue waits with place 0 while the person has the maximum number of running answers', async () => {
  const limited = await bed.start({ REDIS_URL: '', MAX_ACTIVE_STREAMS_PER_USER: '2' });
  const caller = await createCaller(limited);
  const [chatId, other, third] = [newId('chat'), newId('chat'), newId('chat')];
  const first = await caller.startStream({ chatId, messageId: 'a0', modelId: SILENT });
  const { body } = await caller.start({ chatId, messageId: 'a1', modelId: QUICK, whenBusy: 'queue' });
  await caller.cancel(first); // this pauses the queue
  const running = await caller.startStream({ chatId: other, modelId: SILENT });
  await caller.startStream({ chatId: third, modelId: SILENT });

  await caller.call('POST', `/chats/${chatId}/queue`, { body: { action: 'resume' } });
  expect(await caller.state(body.streamId)).toMatchObject({ status: 'queued', place: 0 });
  expect((await caller.chat(chatId)).queue).toEqual({ turns: [], paused: false });
  await caller.cancel(running);
  await eventually('the turn completes', async () => (await caller.state(body.streamId)).status === 'completed');
  expect((await caller.messages(chatId)).map(({ id, status }) => [id, status]).slice(-1)).toEqual([
    ['a1', 'completed'],
  ]);
});
