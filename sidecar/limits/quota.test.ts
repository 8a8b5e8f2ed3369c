import { setTimeout as delay } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { createMemoryUsageStore } from '../store/counts/memory-usage-store.ts';
import { createQuota } from './quota.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openRoom } from '../../testing/room.ts';
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

/** Text that can hardly be compressed. */
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

  test('counts what editors write in a room as stored by its owner, and hides from editors how much the owner stores', async () => {
    const chatId = newId('chat');
    await caller.untilEnded(await caller.startStream({ chatId, messageId: 'a1', modelId: QUICK }));
    const editor = await createCaller(sidecar);
    const ref = await openRoom(caller, chatId, [{ caller: editor, name: 'Bob' }]);
    const text = noise(600 * KIB);
    const say = { body: { messageId: 's1', text } };
    const refused = [
      await editor.start({ chatId: ref, messageId: 'a2', modelId: QUICK, text }),
      await editor.call('POST', `/chats/${ref}/say`, say),
      await caller.call('POST', `/chats/${chatId}/say`, say),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(Array(3).fill([507, 'quota_exceeded']));
    for (const { text: answer } of refused.slice(0, 2)) {
      expect(answer).toContain('person who owns this chat');
      expect(answer).not.toMatch(/MiB|maxBytes|"bytes"/);
    }
    expect(refused[2]!.body).toMatchObject({ maxBytes: 512 * KIB });
    // Nothing of this was counted as stored by the editor.
    expect((await editor.start({ modelId: QUICK, text: noise(200 * KIB) })).status).toBe(201);
  });

  test('does not count a message that was refused', async () => {
    const chatId = newId('chat');
    await caller.untilEnded(await caller.startStream({ chatId, messageId: 'a1', modelId: QUICK }));
    const say = { body: { messageId: 's1', text: noise(300 * KIB), parentId: 'unknown' } };
    expect((await caller.call('POST', `/chats/${chatId}/say`, say)).status).toBe(400);
    expect((await caller.start({ modelId: QUICK, text: noise(150 * KIB) })).status).toBe(201);
  });

  test('limits the number of chats, even with 20 starts at once', async () => {
    const starts = Array.from({ length: 20 }, (_, i) => caller.start({ chatId: `c${i}`, modelId: QUICK }));
    const found = codes(await Promise.all(starts));
    expect([count(found, 'started'), count(found, 'too_many_chats')]).toEqual([5, 15]);
  });

  test('limits the number of messages in a chat, even with 20 starts at once', async () => {
    const chatId = 'c1';
    const rounds = [];
    for (const round of [1, 2, 3]) {
      const starts = Array.from({ length: 20 }, (_, i) =>
        caller.start({ chatId, messageId: `a${round}-${i}`, modelId: QUICK }),
      );
      const answers = await Promise.all(starts);
      for (const { status, body } of answers) if (status === 201) await caller.untilEnded(body.streamId);
      rounds.push(codes(answers));
    }
    const found = rounds.flat();
    expect(count(found, 'started')).toBe(2);
    expect(count(rounds[2]!, 'too_many_messages')).toBe(20);
    expect(await caller.messages(chatId)).toHaveLength(4);
  });

  test('is shared by all guests at one address, even with 20 starts at once, and other people are not refused', async () => {
    const address = newId('address').padEnd(32, '0');
    const guests = await Promise.all(Array.from({ length: 20 }, () => createCaller(sidecar, { address })));
    const answers = await Promise.all(guests.map((guest) => guest.start({ modelId: QUICK, text: noise(120 * KIB) })));
    expect(count(codes(answers), 'started')).toBe(2);
    expect(count(codes(answers), 'quota_exceeded')).toBe(18);
    expect((await caller.start({ modelId: QUICK, text: noise(120 * KIB) })).status).toBe(201);
  });

  test('does not count a new or updated public page that is refused because the guests at one address store too much', async () => {
    const address = newId('address').padEnd(32, '0');
    const guest = await createCaller(sidecar, { address });
    const ask = async (kib: number) => {
      const streamId = await guest.startStream({ chatId: 'c1', modelId: QUICK, text: noise(kib * KIB) });
      await guest.untilEnded(streamId);
      await eventually('the answer is settled', async () => (await guest.chat('c1')).stream === null);
    };
    const counted = async () => Number(await bed.db.hGet(`{user_streams:${guest.userId}}:bytes`, '='));
    await ask(10);
    const { body: page } = await guest.call<{ shareId: string }>('POST', '/chats/c1/shares', { body: {} });
    await ask(80);
    // Changes the number of bytes that is counted for the address, as if other guests there had stored or deleted something.
    const others = (kib: number) => bed.db.hIncrBy(`{address_streams:${address}}:bytes`, '=', kib * KIB);
    await others(400);
    const before = await counted();
    for (const answer of [
      await guest.call('POST', '/chats/c1/shares', { body: {} }),
      await guest.call('PATCH', `/shares/${page.shareId}`, { body: { update: true } }),
    ])
      expect(answer.body).toMatchObject({ code: 'quota_exceeded', detail: expect.stringContaining('All guests') });
    expect(await counted()).toBe(before);

    await others(-400);
    const updated = await guest.call('PATCH', `/shares/${page.shareId}`, { body: { update: true } });
    expect(updated.status).toBe(200);
    expect(await counted()).toBeGreaterThan(before + 40 * KIB);
  });

  test('limits the length of a title, even with 20 renames at once', async () => {
    await caller.untilEnded(await caller.startStream({ chatId: 'c1', modelId: QUICK }));
    const renamed = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        caller.call<{ code?: string }>('PATCH', '/chats/c1', { body: { title: 'é'.repeat(200 + (i % 2)) } }),
      ),
    );
    const found = renamed.map(({ status, body }) => (status === 400 ? body.code : status));
    expect([count(found, 200), count(found, 'title_too_long')]).toEqual([10, 10]);
    expect((await caller.chat('c1')).title).toHaveLength(200);
  });

  test('limits the metadata of a message, even with 20 starts at once', async () => {
    // The JSON `{"x":"…"}` has 8 bytes, and two more for each é.
    const metadata = (bytes: number) => ({ x: 'é'.repeat((bytes - 8) / 2) });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const question = { id: `q${i}`, role: 'user', content: 'Hello', metadata: metadata(16 * KIB + 2 * (i % 2)) };
        const body = { chatId: `c${i % 4}`, messageId: `a${i}`, modelId: QUICK, messages: [question] };
        return caller.call<{ code?: string }>('POST', '/streams', { body });
      }),
    );
    const tooLarge = answers.filter((_answer, i) => i % 2 === 1);
    expect(tooLarge.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 413));
    expect(count(codes(answers), 'metadata_too_large')).toBe(10);
    expect(count(codes(answers), 'started')).toBe(2); // the others are refused because their chat already has an active stream
  });
});

describe('as Redis fills up', () => {
  const kept = { ttlMs: 60_000, chatTtlMs: 60_000 };
  const limits = { bytesPerUser: 64 * 1024 * KIB, chatsPerUser: 0, guestsPerAddress: 10 };
  const of = (userId: string, kib: number, address: string | null = null) => {
    const id = newId('s');
    return { userId, address, chatId: id, streamId: id, chatBytes: kib * KIB, streamBytes: 0 };
  };

  test('a person may store at most as much as Redis still has room for, so the person who stores the most is refused first', async () => {
    let room: number | null = null;
    const quota = createQuota({ usage: createMemoryUsageStore(), limits, roomBytes: () => room, ...kept });
    await quota.reserve(of('much', 5000));
    await quota.reserve(of('little', 100));
    await quota.reserve(of('guest', 3000, 'address'));
    room = 2000 * KIB;
    for (const stored of [of('much', 1), of('guest', 1, 'address'), of('another guest', 1, 'address')])
      await expect(quota.reserve(stored)).rejects.toMatchObject({ code: 'quota_exceeded' });
    await quota.reserve(of('little', 1));
    await quota.reserve(of('new', 1));
    room = 0;
    await quota.reserve(of('newer', 1));
    room = null;
    await quota.reserve(of('much', 1));
  });

  test('a sidecar notices that Redis is nearly full, and refuses only a person who stores more than Redis still has room for', async () => {
    await caller.startStream({ chatId: 'c1', modelId: QUICK, text: noise(200 * KIB) });
    const used = Number(/^used_memory:(\d+)/m.exec(await bed.db.info('memory'))![1]);
    await bed.db.configSet('maxmemory', String(used + 160 * KIB));
    const start = (person: Caller) => person.start({ chatId: newId('chat'), modelId: QUICK });
    await eventually('the person who stores more than Redis still has room for is refused', async () => {
      const { status } = await start(caller);
      // The sidecar reads only every 3 s how full Redis is. Each start before that reading takes some of the room that is left, so
      // the test sends only one start per second.
      if (status !== 507) await delay(1000);
      return status === 507;
    });
    expect((await start(await createCaller(sidecar))).status).toBe(201);
    await bed.db.configSet('maxmemory', '0');
  });
});

test('the copy of a stream in the key `stream:<id>` has the new question, and not the history', async () => {
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
