import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

const QUICK = 'synthetic/2x20@0';
const KIB = 1024;

let bed: TestBed;
let sidecar: TestSidecar;
let caller: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  sidecar = await bed.start({
    MAX_BYTES_PER_USER: String(512 * KIB),
    MAX_CHATS_PER_USER: '5',
    MAX_MESSAGES_PER_CHAT: '4',
    GUESTS_PER_ADDRESS: '1',
  });
});
beforeEach(async () => {
  caller = await createCaller(sidecar);
});
afterAll(() => bed.close());

/** Text that cannot be compressed. */
const noise = (bytes: number) => randomBytes(0.75 * bytes).toString('base64');
const codes = (answers: { status: number; body: { code?: string } }[]) =>
  answers.map(({ status, body }) => (status === 201 ? 'started' : body.code));
const count = (found: unknown[], wanted: unknown) => found.filter((code) => code === wanted).length;

describe('the quota of a person', () => {
  test('is not exceeded by 20 starts at once, and a deleted chat makes room again', async () => {
    const chats = ['c1', 'c2'];
    const starts = Array.from({ length: 20 }, (_, i) =>
      caller.start({ chatId: chats[i % 2], messageId: `a${i}`, modelId: QUICK, text: noise(150 * KIB) }),
    );
    const found = codes(await Promise.all(starts));
    expect(count(found, 'started')).toBeGreaterThan(0);
    expect(count(found, 'started')).toBeLessThanOrEqual(2);
    const big = await caller.start({ chatId: 'c3', modelId: QUICK, text: noise(200 * KIB) });
    const other = await caller.start({ chatId: 'c4', modelId: QUICK, text: noise(200 * KIB) });
    const refused = [big, other].find(({ status }) => status === 507)!;
    expect(refused.body).toMatchObject({ code: 'quota_exceeded', maxBytes: 512 * KIB });
    expect(refused.text).toContain('Delete chats');
    for (const chatId of ['c1', 'c2', 'c3', 'c4']) await caller.call('DELETE', `/chats/${chatId}`);
    expect((await caller.start({ chatId: 'c5', modelId: QUICK, text: noise(200 * KIB) })).status).toBe(201);
  });

  test('is bounded in chats, also with 20 starts at once', async () => {
    const starts = Array.from({ length: 20 }, (_, i) => caller.start({ chatId: `c${i}`, modelId: QUICK }));
    const found = codes(await Promise.all(starts));
    expect([count(found, 'started'), count(found, 'too_many_chats')]).toEqual([5, 15]);
  });

  test('is bounded in messages of a chat', async () => {
    for (const messageId of ['a1', 'a2'])
      await caller.untilEnded(await caller.startStream({ chatId: 'c1', messageId, modelId: QUICK }));
    const full = await caller.start({ chatId: 'c1', messageId: 'a3', modelId: QUICK });
    expect(full).toMatchObject({ status: 507, body: { code: 'too_many_messages' } });
  });

  test('is shared by all guests at one address, and other people are not refused', async () => {
    const address = newId('address').padEnd(32, '0');
    const guests = await Promise.all([1, 2, 3].map(() => createCaller(sidecar, { address })));
    const answers = [];
    for (const guest of guests) answers.push(await guest.start({ modelId: QUICK, text: noise(120 * KIB) }));
    expect(codes(answers)).toEqual(['started', 'started', 'quota_exceeded']);
    expect((await caller.start({ modelId: QUICK, text: noise(120 * KIB) })).status).toBe(201);
  });
});

test('a state copy holds the new message of its turn, and not the history', async () => {
  const first = await caller.startStream({ chatId: 'c1', messageId: 'a1', modelId: QUICK, text: 'The first question' });
  await caller.untilEnded(first);
  const second = await caller.startStream({
    chatId: 'c1',
    messageId: 'a2',
    modelId: QUICK,
    text: 'The second question',
  });
  const copy = JSON.parse((await bed.db.get(`stream:${second}`)) ?? '') as {
    messages: { parts: { text: string }[] }[];
  };
  expect(copy.messages.map(({ parts }) => parts[0]!.text)).toEqual(['The second question']);
});
