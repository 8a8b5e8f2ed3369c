import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Chat } from '../../shared/chat/chat.ts';
import type { Share, ShareAnswer, SharedPage, ShareList } from '../../shared/chat/shares.ts';
import { createCaller, newId, startBody, type Caller } from '../../testing/caller.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

const QUICK = 'synthetic/2x20@0';
const SLOW = 'synthetic/2000x20@20';
const SECRET_TEXT = 'Nobody may see this';

let bed: TestBed;
let sidecar: TestSidecar;
let other: TestSidecar;
let owner: Caller;
let reader: Caller;
let chatId: string;
beforeAll(async () => {
  bed = await openTestBed({ env: { DEMO_SPEED: '50' } });
  [sidecar, other] = [await bed.start(), await bed.start()];
  reader = await createCaller(sidecar, { userId: newId('reader'), address: newId('address') });
});
beforeEach(async () => {
  owner = await createCaller(sidecar);
  chatId = newId('chat');
  await owner.untilEnded(
    await owner.startStream({
      chatId,
      messageId: 'a1',
      modelId: QUICK,
      text: 'What is it?',
      instructions: SECRET_TEXT,
    }),
  );
});
afterAll(() => bed.close());

const share = async (body: object = {}) => {
  const answer = await owner.call<ShareAnswer>('POST', `/chats/${chatId}/shares`, { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const open = (secret: string, { counts = true, by = reader } = {}) =>
  by.call<SharedPage & { code?: string }>('POST', '/shared', { body: { secret, counts } });
const page = async (secret: string) => {
  const answer = await open(secret);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
const get = async (shareId: string) => (await owner.call<Share>('GET', `/shares/${shareId}`)).body;
const texts = ({ messages }: SharedPage) =>
  messages.map(({ parts }) => parts.map(({ text }) => String(text ?? '')).join(''));
const ask = async (text: string, more: object = {}) => {
  const body = startBody({ chatId, modelId: QUICK, text, ...more });
  return owner.startStream(body);
};

describe('a snapshot', () => {
  test('contains only what its owner shows, counts its reads, and has a secret that is not stored in Redis', async () => {
    const { secret, shareId, reads } = await share();
    expect(reads).toBe(0);
    const shown = await page(secret);
    expect(texts(shown)[0]).toBe('What is it?');
    expect(shown.messages).toHaveLength(2);
    expect(JSON.stringify(shown)).not.toContain(SECRET_TEXT);
    expect(JSON.stringify(shown)).not.toContain(chatId);
    expect(shown.messages[0]).not.toHaveProperty('metadata');
    expect(await get(shareId)).toMatchObject({ reads: 1, chatId });
    await open(secret, { counts: false });
    expect(await get(secret)).toMatchObject({ shareId, reads: 1 });
    for (const key of await bed.db.keys('*')) {
      expect(key).not.toContain(secret);
      if ((await bed.db.type(key)) === 'hash')
        expect(JSON.stringify(await bed.db.hGetAll(key)).includes(secret), key).toBe(false);
    }
  });

  test('stays as it is after a new question, an edit and a new answer, until it is updated', async () => {
    const { secret, shareId } = await share({ title: 'My page' });
    const before = await page(secret);
    expect(before.title).toBe('My page');
    await owner.untilEnded(await ask('And then?'));
    await owner.untilEnded(await ask('What was it?', { parentId: null }));
    await owner.call('PATCH', `/chats/${chatId}`, { body: { title: 'Renamed' } });
    expect(await page(secret)).toEqual(before);
    const patched = await owner.call<Share>('PATCH', `/shares/${shareId}`, { body: { update: true, title: null } });
    expect(patched.body).toMatchObject({ revision: 2, title: 'Renamed' });
    expect(texts(await page(secret))[0]).toBe('What was it?');
    await owner.call('PATCH', `/shares/${shareId}`, { body: { update: true, leaf: 'a1' } });
    expect(texts(await page(secret)).slice(0, 3)).toContain('And then?');
  });

  test('of a running answer has the part that was written before the snapshot was made', async () => {
    const streamId = await ask('A long one', { modelId: SLOW, messageId: 'a2' });
    await expect.poll(async () => (await owner.chat(chatId)).stream?.message.parts.length).toBeGreaterThan(0);
    const { secret } = await share();
    const { messages } = await page(secret);
    expect(messages.at(-1)).toMatchObject({ id: 'a2', status: 'partial' });
    await owner.cancel(streamId);
    expect((await page(secret)).messages).toEqual(messages);
  });

  test('is gone with its chat, and does not come back with a new chat of the same id', async () => {
    const { secret, shareId } = await share();
    await owner.call('DELETE', `/chats/${chatId}`);
    expect((await open(secret)).status).toBe(404);
    expect((await owner.call('GET', `/shares/${shareId}`)).status).toBe(404);
    await owner.untilEnded(await ask('Again', { messageId: 'a1' }));
    expect((await open(secret)).status).toBe(404);
    expect((await owner.call<ShareList>('GET', `/chats/${chatId}/shares`)).body.shares).toEqual([]);
  });
});

describe('what a page shows', () => {
  test('changes as soon as the owner changes its options: instructions, versions, expiry', async () => {
    await owner.untilEnded(
      await ask('What is it?', {
        messageId: 'a1b',
        parentId: null,
        messages: [{ id: (await owner.messages(chatId))[0]!.id, role: 'user', content: 'What is it?' }],
      }),
    );
    const { secret, shareId } = await share({ versions: true });
    expect((await page(secret)).messages[1]!.versions).toHaveLength(1);
    const patch = (body: object) => owner.call<Share>('PATCH', `/shares/${shareId}`, { body });
    await patch({ versions: false, instructions: true });
    const shown = await page(secret);
    expect(shown.messages[1]).not.toHaveProperty('versions');
    expect(shown.instructionsText).toBe(SECRET_TEXT);
    const { body } = await patch({ expiresIn: 1 });
    expect(Date.parse(body.expiresAt)).toBeLessThan(Date.now() + 2000);
    await expect.poll(async () => (await open(secret)).status, { timeout: 10_000 }).toBe(404);
    expect((await patch({})).status).toBe(400);
  });

  test('has no metadata of the provider, and no tools or reasoning unless the owner turns them on', async () => {
    await owner.untilEnded(await ask('What time is it in Tokyo?', { modelId: 'demo' }), { withinMs: 30_000 });
    const tool = ({ type }: { type: string }) => type.startsWith('tool-') || type === 'dynamic-tool';
    const plain = await page((await share()).secret);
    const reasoning = ({ type }: { type: string }) => type === 'reasoning';
    for (const hidden of [tool, reasoning])
      expect(plain.messages.flatMap(({ parts }) => parts).some(hidden)).toBe(false);
    const whole = await page((await share({ tools: true, reasoning: true })).secret);
    const parts = whole.messages.flatMap((message) => message.parts);
    for (const shown of [tool, reasoning]) expect(parts.some(shown)).toBe(true);
    expect(JSON.stringify(whole)).not.toMatch(/providerMetadata|callProvider/);
  });
});

describe('the owner', () => {
  test('can list pages, and revoke one page, the pages of one chat or all pages; others see and change nothing', async () => {
    const shares = [await share(), await share({ mode: 'live' }), await share()];
    const list = async () => (await owner.call<ShareList>('GET', '/shares')).body.shares.map(({ shareId }) => shareId);
    expect((await list()).sort()).toEqual(shares.map(({ shareId }) => shareId).sort());
    const missing = await reader.call('GET', '/shares/nothing');
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? { body: { update: true } } : {};
      const answer = await reader.call(method, `/shares/${shares[0]!.shareId}`, body);
      expect(answer.status).toBe(404);
      expect(answer.text).toBe(missing.text);
    }
    for (const method of ['GET', 'POST', 'DELETE'])
      expect((await reader.call(method, `/chats/${chatId}/shares`, method === 'POST' ? { body: {} } : {})).status).toBe(
        404,
      );
    await owner.call('DELETE', `/shares/${shares[0]!.shareId}`);
    expect((await open(shares[0]!.secret)).status).toBe(404);
    expect(await list()).toHaveLength(2);
    await owner.call('DELETE', `/chats/${chatId}/shares`);
    expect(await list()).toEqual([]);
    const [one] = [await share()];
    expect((await owner.call('DELETE', '/shares')).status).toBe(204);
    expect((await open(one.secret)).status).toBe(404);
    const last = await share();
    await owner.call('DELETE', '/chats');
    expect((await open(last.secret)).status).toBe(404);
    expect(await bed.db.exists(`share:${last.shareId}`)).toBe(0);
  });

  test('cannot make more or larger pages than allowed, or any page if pages are turned off; opening pages is limited, too', async () => {
    const limited = await bed.start({
      MAX_SHARES_PER_USER: '2',
      MAX_SHARE_BYTES: '300',
      MAX_SHARE_OPENS_PER_MINUTE: '3',
    });
    const make = (body: object = { mode: 'live' }) =>
      owner.at(limited).call<ShareAnswer & { code: string }>('POST', `/chats/${chatId}/shares`, { body });
    expect((await make({})).body.code).toBe('quota_exceeded');
    const first = await make();
    expect((await make()).status).toBe(201);
    expect((await make()).body.code).toBe('too_many_shares');
    const opened = [];
    const somebody = await createCaller(limited, { address: newId('address') });
    for (let i = 0; i < 4; i++) opened.push((await open(first.body.secret, { by: somebody })).status);
    expect(opened).toEqual([200, 200, 200, 429]);
    const off = await bed.start({ SHARES: 'off' });
    expect((await owner.at(off).call('POST', `/chats/${chatId}/shares`, { body: {} })).body).toMatchObject({
      code: 'shares_off',
    });
    expect((await open(first.body.secret, { by: reader.at(off) })).status).toBe(404);
  });
});

test('a path through an unknown message cannot be shared, but a path through the answer that is being written can', async () => {
  for (const mode of ['snapshot', 'live']) {
    const body = { mode, leaf: 'nothing' };
    expect((await owner.call('POST', `/chats/${chatId}/shares`, { body })).status).toBe(404);
  }
  const running = await ask('A long one', { modelId: SLOW, messageId: 'a2' });
  const { secret } = await share({ mode: 'live', leaf: 'a2' });
  expect((await page(secret)).stream).toMatchObject({ streamId: running });
  await owner.cancel(running);
});

describe('a live page', () => {
  /** Follows the answer of a live page. `whole` resolves to true if the response ends, and to false if it is cut. */
  async function follow(secret: string, streamId: string, at: { url: string } = sidecar, settings?: string) {
    const response = await fetch(`${at.url}/shared/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${reader.token}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ secret, streamId, settings }),
    });
    let text = '';
    const whole = (async () => {
      try {
        for await (const bytes of Readable.fromWeb(response.body as WebStream))
          text += Buffer.from(bytes as Uint8Array).toString();
        return true;
      } catch {
        return false;
      }
    })();
    return { response, whole, text: () => text };
  }
  const begin = async () => {
    const { secret, shareId } = await share({ mode: 'live' });
    const streamId = await ask('A long one', { modelId: SLOW, messageId: 'a2' });
    const { stream, messages } = await page(secret);
    expect(stream).toMatchObject({ streamId, messageId: 'a2' });
    expect(texts({ messages } as SharedPage).at(-1)).toBe('A long one');
    return { secret, shareId, streamId };
  };

  test('shows an answer that is being written, and cuts its readers at every sidecar when the page is revoked', async () => {
    const { secret, shareId, streamId } = await begin();
    const readers = [await follow(secret, streamId), await follow(secret, streamId, other)];
    for (const each of readers) await expect.poll(each.text).toContain('text-delta');
    await owner.call('DELETE', `/shares/${shareId}`);
    for (const each of readers) expect(await each.whole).toBe(false);
    expect((await follow(secret, streamId)).response.status).toBe(404);
    expect((await owner.state(streamId)).status).toBe('active');
    await owner.cancel(streamId);
  });

  test('cuts its readers at every sidecar when its options change, and can be followed again only with the new options', async () => {
    const { secret, shareId, streamId } = await begin();
    const { settings } = (await page(secret)).stream!;
    const readers = [
      await follow(secret, streamId, sidecar, settings),
      await follow(secret, streamId, other, settings),
      // This one sends no `settings`. It is cut like the others.
      await follow(secret, streamId),
    ];
    for (const each of readers) await expect.poll(each.text).toContain('text-delta');
    // `reasoning` was false before. Only the expiry changes, so nobody is cut.
    await owner.call('PATCH', `/shares/${shareId}`, { body: { reasoning: false, expiresIn: 3600 } });
    const lengths = readers.map((each) => each.text().length);
    await expect.poll(() => readers.every((each, i) => each.text().length > lengths[i]!)).toBe(true);
    await owner.call('PATCH', `/shares/${shareId}`, { body: { reasoning: true } });
    for (const each of readers) expect(await each.whole).toBe(false);
    const old = await follow(secret, streamId, other, settings);
    expect(old.response.status).toBe(409);
    expect(await old.whole).toBe(true);
    expect(JSON.parse(old.text())).toMatchObject({ code: 'share_changed' });
    const next = (await page(secret)).stream!.settings;
    const again = await follow(secret, streamId, other, next);
    expect(again.response.status).toBe(200);
    await owner.cancel(streamId);
    expect(await again.whole).toBe(true);
  });

  test('cuts its readers when its chat is deleted, and when the page expires', async () => {
    const first = await begin();
    const cut = await follow(first.secret, first.streamId);
    await expect.poll(cut.text).toContain('text-delta');
    await owner.call('PATCH', `/shares/${first.shareId}`, { body: { expiresIn: 1 } });
    const expiring = await follow(first.secret, first.streamId);
    expect(await expiring.whole).toBe(false);
    const again = await share({ mode: 'live' });
    const deleted = await follow(again.secret, first.streamId);
    await expect.poll(deleted.text).toContain('text-delta');
    await owner.call('DELETE', `/chats/${chatId}`);
    expect(await deleted.whole).toBe(false);
    expect((await follow(again.secret, first.streamId)).response.status).toBe(404);
  });

  test('is followed to a clean end, after which the answer is on the page', async () => {
    const { secret } = await share({ mode: 'live' });
    const streamId = await ask('A short one', { modelId: 'synthetic/20x20@20', messageId: 'a2' });
    const { stream } = await page(secret);
    const followed = await follow(secret, streamId);
    expect(await followed.whole).toBe(true);
    expect(followed.text()).toContain('[DONE]');
    const { messages, tag, stream: none } = await page(secret);
    expect(messages.at(-1)).toMatchObject({ id: 'a2', status: 'completed' });
    expect(none).toBeNull();
    expect(tag).toBe(stream!.tag);
  });

  test('lets nobody follow streams of other chats, and a snapshot lets nobody follow any stream', async () => {
    const { secret, streamId } = await begin();
    const snapshot = await share();
    expect((await follow(snapshot.secret, streamId)).response.status).toBe(404);
    const foreign = await reader.startStream({ modelId: QUICK });
    expect((await follow(secret, foreign)).response.status).toBe(404);
    await owner.cancel(streamId);
  });
});

describe('a copy', () => {
  const copy = (by: Caller, body: object) =>
    by.call<{ chatId: string; code?: string }>('POST', '/shared/copies', { body });

  test('has what the page shows, is made once for repeated requests, and is refused if the page changed or may not be copied', async () => {
    const { secret, shareId } = await share({ copy: true, title: 'To copy' });
    const { tag, messages } = await page(secret);
    const forkId = newId('fork');
    const made = await Promise.all([1, 2, 3].map(() => copy(reader, { secret, tag, forkId })));
    expect(made.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    const copied = await reader.chat(forkId);
    expect(copied).toMatchObject({ title: 'To copy', instructions: '', from: { exists: false, title: 'To copy' } });
    expect(copied.messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
    expect(JSON.stringify(copied)).not.toContain(chatId);
    const next = await reader.startStream({ chatId: forkId, modelId: QUICK, text: 'Go on' });
    await reader.untilEnded(next);
    expect((await reader.call<Chat>('GET', `/chats/${forkId}`)).body.messages).toHaveLength(4);

    await owner.untilEnded(await ask('More'));
    await owner.call('PATCH', `/shares/${shareId}`, { body: { update: true } });
    expect((await copy(reader, { secret, tag, forkId: newId('fork') })).body.code).toBe('share_changed');
    await owner.call('PATCH', `/shares/${shareId}`, { body: { copy: false } });
    const refused = await copy(reader, { secret, tag: '2', forkId: newId('fork') });
    expect(refused).toMatchObject({ status: 403, body: { code: 'role_required' } });
  });

  test('keeps the mark `sentByClient` of an answer that a client sent and no model wrote', async () => {
    const sent = newId('chat');
    const messages = [
      { role: 'user', content: 'Who said it?' },
      { role: 'assistant', content: 'The client.' },
      { role: 'user', content: 'And now?' },
    ];
    await owner.untilEnded(await owner.startStream({ chatId: sent, modelId: QUICK, messages }));
    const shared = await owner.call<ShareAnswer>('POST', `/chats/${sent}/shares`, { body: { copy: true } });
    const { secret } = shared.body;
    const shown = await page(secret);
    expect(shown.messages.map((message) => message.sentByClient)).toEqual([undefined, true, undefined, undefined]);
    const forkId = newId('fork');
    expect((await copy(reader, { secret, tag: shown.tag, forkId })).status).toBe(201);
    const [, copied] = (await reader.chat(forkId)).messages;
    expect(copied!.metadata).toEqual({ sentByClient: true });
  });

  test('of a live page is refused if the page got a message after its `tag` was read', async () => {
    const { secret } = await share({ copy: true, mode: 'live' });
    const { tag } = await page(secret);
    await owner.untilEnded(await ask('More'));
    expect((await copy(reader, { secret, tag, forkId: newId('fork') })).status).toBe(409);
    expect((await copy(reader, { secret, tag: (await page(secret)).tag, forkId: newId('fork') })).status).toBe(201);
  });
});
