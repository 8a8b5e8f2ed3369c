import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openTestBed, type SidecarProcess, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { countDeltas } from '../../testing/whole-log.ts';

// Real processes and signals are slow on a busy machine. These limits only end a test that hangs.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const QUICK = 'synthetic/3x20@100';
const FIRST = 'synthetic/3x20@4';
const SILENT = 'synthetic/3x20@0?startDelayMs=600000';
const KILLER = fileURLToPath(new URL('../../testing/kill-at.ts', import.meta.url));

/**
 * Where a sidecar is killed: before or after a write to Redis, between the end of one turn and the beginning of the next.
 * `kill-at.ts` explains this notation.
 */
const STEPS = ['settle before', 'settle after', 'settle, ZADD after', 'settle, SREM after', 'settle, begin after'];

let bed: TestBed;
let survivor: TestSidecar;
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_QUEUED: '10' } });
  survivor = await bed.start();
});
afterAll(() => bed.close());

const enqueue = (at: Caller, chatId: string, n: number, modelId = QUICK) =>
  at.start({ chatId, messageId: `a${n}`, text: `Question ${n}`, modelId, whenBusy: 'queue' });

/** Waits until no turn runs or waits in a chat. Returns the messages of the chat with their texts. */
async function wholeChat(caller: Caller, chatId: string) {
  await eventually(
    `the end of ${chatId}`,
    async () => {
      const { stream, queue } = await caller.chat(chatId);
      return stream === null && queue.turns.length === 0;
    },
    { withinMs: 60_000 },
  );
  const messages = await caller.messages(chatId);
  const texts = messages.map(({ parts }) => parts.map(({ text }) => (typeof text === 'string' ? text : '')).join(''));
  return messages.map((message, i) => ({ ...message, text: texts[i]! }));
}

/**
 * Expects that each message is the child of the message before it, and that each answer was written once and completely.
 * `after` is the id of the parent of the first message.
 */
function expectInOrder(
  messages: Awaited<ReturnType<typeof wholeChat>>,
  order: readonly string[],
  after: string | null = null,
) {
  expect(messages.filter(({ role }) => role === 'assistant').map(({ id }) => id)).toEqual(order);
  expect(messages).toHaveLength(2 * order.length);
  messages.forEach(({ parentId, role, text, status }, i) => {
    expect(parentId).toBe(messages[i - 1]?.id ?? after);
    if (role === 'assistant') expect([status, countDeltas(text, 20)]).toEqual(['completed', 3]);
  });
}

describe('five waiting turns without a reader', () => {
  const chats = new Map(STEPS.map((step) => [step, newId('chat')]));
  let caller: Caller;
  beforeAll(async () => {
    caller = await createCaller(survivor);
    await Promise.all(
      STEPS.map(async (step) => {
        const victim = await bed.spawn({ KILL_AT: step, NODE_OPTIONS: `--import ${KILLER}` });
        const chatId = chats.get(step)!;
        await caller.at(victim).startStream({ chatId, messageId: 'a0', text: 'Question 0', modelId: FIRST });
        for (let n = 1; n <= 5; n++) await enqueue(caller, chatId, n);
        await eventually(`the death at ${step}`, () => !victim.isRunning, { withinMs: 30_000 });
      }),
    );
  });

  test.each(STEPS)('are all answered, in order, each once, if the sidecar is killed at "%s"', async (step) => {
    const messages = await wholeChat(caller, chats.get(step)!);
    expectInOrder(messages, ['a0', 'a1', 'a2', 'a3', 'a4', 'a5']);
    expect(messages.map(({ text }) => text).filter((_text, i) => i % 2 === 0)).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => `Question ${n}`),
    );
  });
});

describe('three sidecars', () => {
  let sidecars: [TestSidecar, TestSidecar, SidecarProcess];
  beforeAll(async () => {
    sidecars = [survivor, await bed.start(), await bed.spawn({ DRAIN_MS: '200' })];
  });

  test('put simultaneous starts into one queue, each once, refuse starts when it is full, and pause the queue after a stop', async () => {
    const caller = await createCaller(survivor);
    const chatId = newId('chat');
    const first = await caller.startStream({ chatId, messageId: 'first', text: 'First', modelId: SILENT });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => enqueue(caller.at(sidecars[i % 3]!), chatId, i)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(202), ...Array(20).fill(429)]);
    expect(answers.find(({ status }) => status === 429)!.body.code).toBe('queue_full');
    const { turns } = (await caller.chat(chatId)).queue;
    const waiting = answers.flatMap(({ status, body }) => (status === 202 ? [body.messageId] : []));
    expect(turns.map(({ messageId }) => messageId).sort()).toEqual(waiting.sort());
    // A repeated start gets the turn that is already waiting, even at another sidecar.
    const { messageId, streamId } = turns[3]!;
    const again = await enqueue(caller.at(sidecars[1]), chatId, Number(messageId.slice(1)));
    expect([again.status, again.body.place, again.body.streamId]).toEqual([202, 4, streamId]);

    // A person's stop pauses the queue until it is resumed.
    await caller.cancel(first);
    expect((await caller.chat(chatId)).queue).toMatchObject({ paused: true, turns });
    await caller.call('POST', `/chats/${chatId}/queue`, { body: { action: 'resume' } });
    const [question, stopped, ...rest] = await wholeChat(caller, chatId);
    expect([question!.text, stopped!.status]).toEqual(['First', 'cancelled']);
    expectInOrder(
      rest,
      turns.map((turn) => turn.messageId),
      stopped!.id,
    );
  });

  test('begin one of thirty starts in an idle chat, let ten wait, and delete these eleven streams with the chat', async () => {
    const caller = await createCaller(survivor);
    const chatId = newId('chat');
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => enqueue(caller.at(sidecars[i % 3]!), chatId, i, SILENT)),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(201), count(202), count(429)]).toEqual([1, 10, 19]);
    await caller.call('DELETE', `/chats/${chatId}`);
    for (const { status, body } of answers)
      if (status !== 429) expect((await caller.call('GET', `/streams/${body.streamId}`)).status).toBe(404);
    expect(await bed.db.keys(`*${chatId}*`)).toEqual([]);
  });

  test('continue the queue of a chat after the sidecar that wrote its answers is shut down', async () => {
    const [, , leaving] = sidecars;
    const caller = await createCaller(leaving);
    const chatId = newId('chat');
    await caller.startStream({ chatId, messageId: 'a0', text: 'Question 0', modelId: FIRST });
    for (let n = 1; n <= 3; n++) await enqueue(caller, chatId, n);
    await leaving.kill('SIGTERM');
    expectInOrder(await wholeChat(caller.at(survivor), chatId), ['a0', 'a1', 'a2', 'a3']);
  });
});
