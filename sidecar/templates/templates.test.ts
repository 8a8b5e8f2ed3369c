import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  MAX_VERSIONS,
  type ImportAnswer,
  type Template,
  type TemplateSummary,
} from '../../shared/templates/template.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { startProviderServer, writeEvents, type ProviderServer } from '../models/testing/provider-server.ts';

const MODEL = 'synthetic/2x20@0';
const CONTENT = {
  name: 'My review',
  command: 'my-review',
  message: 'Review {{what}} for {{focus}}.',
  variables: [
    { type: 'text', name: 'what', required: true },
    { type: 'text', name: 'focus', default: 'mistakes' },
  ],
};
const KIB_65 = 'x'.repeat(65 * 1024);

let provider: ProviderServer;
let bed: TestBed;
let sidecar: TestSidecar;
let caller: Caller;
beforeAll(async () => {
  provider = await startProviderServer((response, { messages }) => {
    const isContinued = (messages as { role: string }[]).at(-1)!.role === 'assistant';
    writeEvents(response, { choices: [{ index: 0, delta: { content: isContinued ? ' The end.' : 'A beginning.' } }] });
    if (isContinued) writeEvents(response, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    if (isContinued) response.end('data: [DONE]\n\n');
  });
  bed = await openTestBed({
    env: {
      OPENAI_COMPATIBLE_BASE_URL: `${provider.url}/v1`,
      OPENAI_COMPATIBLE_MODELS: 'test',
      MAX_BYTES_PER_USER: '400000',
    },
  });
  sidecar = await bed.start();
});
beforeEach(async () => {
  caller = await createCaller(sidecar);
});
afterAll(async () => {
  await bed.close();
  await provider.stop();
});

async function save(changes: object = {}, by = caller): Promise<Template> {
  const { status, body, text } = await by.call<Template>('POST', '/templates', { body: { ...CONTENT, ...changes } });
  if (status !== 201) throw new Error(`the template was not saved: status ${status}, ${text}`);
  return body;
}
const put = (id: string, content: object, headers: Record<string, string> = {}, by = caller) =>
  by.call<Template & { code?: string; issues?: { path: string }[] }>('PUT', `/templates/${id}`, {
    body: { ...CONTENT, ...content },
    headers,
  });
const start = (template: object, more: object = {}, by = caller) =>
  by.call<{ streamId: string; chatId: string; modelId: string; code?: string; issues?: { path: string }[] }>(
    'POST',
    '/streams',
    {
      body: { chatId: newId('chat'), messageId: newId('m'), modelId: MODEL, template, ...more },
    },
  );
const question = async (chatId: string, by = caller) => (await by.messages(chatId))[0]!;
const list = async (by = caller) =>
  (await by.call<{ templates: TemplateSummary[] }>('GET', '/templates')).body.templates;

describe('a template', () => {
  test('is saved, read, changed only with its latest ETag, and deleted', async () => {
    const template = await save();
    const { id } = template;
    const read = await caller.call<Template>('GET', `/templates/${id}`);
    expect(read.body).toEqual(template);
    expect(read.headers.get('etag')).toBe(`"${template.etag}"`);

    expect((await put(id, {})).body.code).toBe('precondition_required');
    const etag = read.headers.get('etag')!;
    const changed = await put(id, { name: 'Second' }, { 'if-match': etag });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, live: 2, versions: [1, 2], name: 'Second' } });
    expect(await put(id, { name: 'Third' }, { 'if-match': etag })).toMatchObject({
      status: 412,
      body: { code: 'template_changed' },
    });
    expect((await put(id, {}, { 'if-match': 'W/"nonsense", "é"' })).status).toBe(412);

    expect((await caller.call<Template>('GET', `/templates/${id}?version=1`)).body).toMatchObject({
      version: 1,
      live: 2,
      name: 'My review',
    });
    const back = await caller.call<Template>('PATCH', `/templates/${id}`, {
      body: { live: 1 },
      headers: { 'if-match': changed.headers.get('etag')! },
    });
    expect(back.body).toMatchObject({ live: 1, version: 1 });
    expect((await caller.call('PATCH', `/templates/${id}`, { body: { live: 1 } })).status).toBe(428);
    expect((await caller.call('DELETE', `/templates/${id}`, { headers: { 'if-match': etag } })).status).toBe(412);
    expect((await caller.call('DELETE', `/templates/${id}`)).status).toBe(204);
    expect((await caller.call('GET', `/templates/${id}`)).status).toBe(404);
  });

  test('with an id that the caller chose is created only once', async () => {
    const make = (content: object) => put('own-id', content, { 'if-none-match': '*' });
    expect((await make({})).status).toBe(201);
    expect((await make({})).status).toBe(200);
    expect(await make({ name: 'Another' })).toMatchObject({ status: 412, body: { code: 'template_changed' } });
    expect(await put('new', {}, { 'if-none-match': '*' })).toMatchObject({
      status: 400,
      body: { code: 'template_invalid' },
    });
  });

  test('with a wrong field is refused, the response names the field, and nothing changes', async () => {
    const { id, etag } = await save();
    const WRONG: [object, string][] = [
      [{ message: '{{what}} {{focus}} {{who}}' }, 'message'],
      [{ variables: CONTENT.variables.map((each) => ({ ...each, default: '{{focus}}' })) }, 'variables.0.default'],
      [{ message: `{{what}}{{focus}}${KIB_65}` }, 'message'],
      [{ command: '' }, 'command'],
      [{ variables: [{ type: 'file', name: 'what' }] }, 'variables.0.type'],
    ];
    for (const [content, path] of WRONG) {
      for (const answer of [
        await put(id, content, { 'if-match': `"${etag}"` }),
        await caller.call<{ issues?: { path: string }[] }>('POST', '/templates', { body: { ...CONTENT, ...content } }),
      ]) {
        expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'template_invalid' })]);
        expect(answer.body.issues!.map((issue) => issue.path)).toContain(path);
      }
    }
    expect((await caller.call<Template>('GET', `/templates/${id}`)).body).toMatchObject({ etag, versions: [1] });
    expect((await list()).filter(({ origin }) => origin === 'own')).toHaveLength(1);
  });

  test('of somebody else is refused like an unknown template, in every request', async () => {
    const { id } = await save();
    const stranger = await createCaller(sidecar);
    const unknown = await stranger.call('GET', '/templates/never-was');
    const headers = { 'if-match': '*' };
    for (const [method, path, body] of [
      ['GET', `/templates/${id}`, undefined],
      ['PUT', `/templates/${id}`, CONTENT],
      ['PATCH', `/templates/${id}`, { live: 1 }],
      ['DELETE', `/templates/${id}`, undefined],
      ['POST', `/templates/${id}/preview`, { values: { what: 'x' } }],
      ['POST', '/streams', { chatId: 'c', messageId: 'm', template: { id, values: { what: 'x' } } }],
    ] as const)
      expect([method, (await stranger.call(method, path, { body, headers })).text]).toEqual([method, unknown.text]);
  });

  test('is published by an administrator only, shows others its live version only, and can be withdrawn', async () => {
    const admin = await createCaller(sidecar, { isAdmin: true });
    const { id } = await save({ name: 'For all' }, admin);
    const change = (body: object, by: Caller) =>
      by.call<Template>('PATCH', `/templates/${id}`, { body, headers: { 'if-match': '*' } });
    expect(await change({ published: true }, await createCaller(sidecar, { userId: admin.userId }))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect((await change({ published: true }, admin)).body).toMatchObject({ published: true, origin: 'own' });

    expect((await list()).find((each) => each.id === id)).toMatchObject({ name: 'For all', origin: 'published' });
    expect((await start({ id, values: { what: 'x' } })).status).toBe(201);
    expect(await put(id, {}, { 'if-match': '*' })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await caller.call('DELETE', '/templates/review')).status).toBe(403);

    const read = (query: string, by = caller) => by.call<Template>('GET', `/templates/${id}${query}`);
    await put(id, { name: 'For all, again' }, { 'if-match': '*' }, admin);
    expect((await read('')).body).toMatchObject({ version: 2, live: 2, versions: [2] });
    expect((await read('?version=2')).status).toBe(200);
    expect(await read('?version=1')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await start({ id, version: 1, values: { what: 'x' } })).status).toBe(404);
    expect((await read('?version=1', admin)).body).toMatchObject({ version: 1, versions: [1, 2] });

    await change({ published: false }, admin);
    expect((await list()).some((each) => each.id === id)).toBe(false);
    expect((await start({ id, values: { what: 'x' } })).status).toBe(404);
  });

  test('can be shipped with Rejoin: everybody has `review`, `summarize` and `plan`', async () => {
    const shipped = (await list()).filter(({ origin }) => origin === 'shipped');
    expect(shipped.map(({ id }) => id)).toEqual(['review', 'summarize', 'plan']);
    const german = (await caller.call('GET', '/templates?language=de')).body.templates as {
      id: string;
      name: string;
    }[];
    expect(german.map(({ id }) => id)).toEqual(['review-de', 'summarize-de', 'plan-de']);
    expect((await caller.call('GET', '/templates/plan-de')).body).toMatchObject({
      name: 'Einen Plan machen',
      command: 'plan',
    });
    const other = (await caller.call('GET', '/templates?language=fr')).body.templates as { id: string }[];
    expect(other.map(({ id }) => id)).toEqual(['review', 'summarize', 'plan']);
    const { body } = await caller.call('POST', '/templates/plan/preview', {
      body: { values: { goal: 'Learn Go', deadline: '2027-01-31' }, timeZone: 'Pacific/Kiritimati' },
    });
    expect(body.message).toContain('Learn Go\n\nIt has to be done by 2027-01-31. I have 5 hours');
    expect(body.message).toMatch(/^Today is \d{4}-\d\d-\d\d\. /);
  });
});

describe('a start with a template', () => {
  test('stores the message with each value exactly as it was given, and the filled instructions', async () => {
    const { id } = await save({ instructions: 'Answer {{name}}.' });
    const what = `{{focus}} \\{{x}} $& $1 שלום\u202e ${'ä'.repeat(32_000)}`;
    const { body, status } = await start({ id, values: { what }, name: 'Ada', questionId: 'q1' });
    expect(status).toBe(201);
    const chat = await caller.chat(body.chatId);
    expect(chat.instructions).toBe('Answer Ada.');
    expect(await question(body.chatId)).toMatchObject({
      id: 'q1',
      parts: [{ type: 'text', text: `Review ${what} for mistakes.` }],
      metadata: { template: { id, version: 1 } },
    });
  });

  test('can be repeated after the template has changed or is gone, but only with the same values', async () => {
    const { id } = await save();
    const ids = { chatId: newId('chat'), messageId: newId('m') };
    const again = (values: object, more: object = {}) => start({ id, values }, { ...ids, ...more });
    const first = await again({ what: 'this', focus: 'that' });
    expect(first.status).toBe(201);
    await put(id, { message: '{{what}} {{focus}} has changed' }, { 'if-match': '*' });
    expect(await again({ focus: 'that', what: 'this' })).toMatchObject({
      status: 200,
      body: { streamId: first.body.streamId },
    });
    await caller.call('DELETE', `/templates/${id}`);
    expect((await again({ what: 'this', focus: 'that' })).status).toBe(200);
    for (const other of [
      await again({ what: 'other' }),
      await again({ what: 'this', focus: 'that' }, { modelId: 'demo' }),
    ])
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
    expect(await caller.messages(ids.chatId)).toMatchObject([{ parts: [{ text: 'Review this for that.' }] }, {}]);
  });

  test('uses the version that it names, and the model of the template', async () => {
    const { id } = await save({ modelId: MODEL });
    await put(id, { message: 'New: {{what}} {{focus}}' }, { 'if-match': '*' });
    const old = await start({ id, version: 1, values: { what: 'a' } }, { modelId: undefined });
    expect(old.body.modelId).toBe(MODEL);
    expect(await question(old.body.chatId)).toMatchObject({ parts: [{ text: 'Review a for mistakes.' }] });
    const live = await start({ id, values: { what: 'a' } });
    expect(await question(live.body.chatId)).toMatchObject({ parts: [{ text: 'New: a mistakes' }] });
  });

  test('with a version that is no longer kept is refused, and no chat begins', async () => {
    const { id } = await save();
    for (let i = 0; i < MAX_VERSIONS; i++)
      expect((await put(id, { name: `Version ${i}` }, { 'if-match': '*' })).status).toBe(200);
    const chatId = newId('chat');
    const gone = [
      await start({ id, version: 1, values: { what: 'x' } }, { chatId }),
      await caller.call('GET', `/templates/${id}?version=1`),
    ];
    expect(gone.map(({ status, body }) => [status, body.code])).toEqual(gone.map(() => [404, 'not_found']));
    const patched = await caller.call('PATCH', `/templates/${id}`, { body: { live: 1 }, headers: { 'if-match': '*' } });
    expect([patched.status, patched.body.code]).toEqual([400, 'template_invalid']);
    expect((await caller.call('GET', `/chats/${chatId}`)).status).toBe(404);
    expect((await start({ id, version: 2, values: { what: 'x' } }, { chatId })).status).toBe(201);
  });

  test('that cannot be filled is refused, the response names the fields, and no chat begins', async () => {
    const { id } = await save();
    const chatId = newId('chat');
    const refused = async (template: object, more: object = {}) => {
      const { status, body } = await start(template, { chatId, ...more });
      return [status, body.code, ...(body.issues ?? []).map(({ path }) => path)];
    };
    expect(await refused({ id })).toEqual([400, 'template_invalid', 'template.values.what']);
    expect(await refused({ id, values: { what: KIB_65 } })).toEqual([400, 'template_invalid', 'template.values.what']);
    expect(await refused({ id, values: { what: 'x', who: 'y' } })).toEqual([
      400,
      'template_invalid',
      'template.values.who',
    ]);
    expect(await refused({ id, version: 7, values: { what: 'x' } })).toEqual([404, 'not_found']);
    expect(await refused({ id: 'never-was' })).toEqual([404, 'not_found']);
    expect(await refused({ id, timeZone: 'Nowhere' })).toEqual([400, 'invalid_request', 'template.timeZone']);
    expect(await refused({ id }, { messages: [{ role: 'user', content: 'x' }] })).toEqual([
      400,
      'invalid_request',
      'messages',
    ]);
    expect(await refused({ id }, { continueFrom: 'm1' })).toEqual([400, 'invalid_request', 'continueFrom']);
    expect((await caller.call('GET', `/chats/${chatId}`)).status).toBe(404);
  });

  test('sends the same prompt again after a takeover, although the template was changed and deleted', async () => {
    const { id } = await save({ instructions: 'Be kind to {{what}}.' });
    const { body } = await start({ id, values: { what: 'cats' } }, { modelId: 'local/test' });
    await eventually('the answer has begun', async () => ((await caller.state(body.streamId)).bytes ?? 0) > 200);
    await put(id, { message: '{{what}} {{focus}}: something else' }, { 'if-match': '*' });
    await caller.call('DELETE', `/templates/${id}`);
    const other = await bed.start();
    const admin = await createCaller(other, { isAdmin: true });
    await eventually('the takeover', async () => {
      await bed.db.hSet(`{stream:${body.streamId}}:meta`, 'lease', '1');
      await admin.cleanup('expired');
      return provider.requests.length > 1;
    });
    await caller.at(other).untilEnded(body.streamId);
    const prompts = provider.requests.map(({ messages }) =>
      (messages as { role: string; content: unknown }[]).slice(0, 2),
    );
    expect(prompts[0]).toEqual([
      { role: 'system', content: 'Be kind to cats.' },
      { role: 'user', content: 'Review cats for mistakes.' },
    ]);
    expect(prompts[1]).toEqual(prompts[0]);
    await other.stop();
  });
});

describe('all templates of a person', () => {
  test('can be exported; an import by somebody else creates all of them or none', async () => {
    await save({ name: 'One' });
    await save({ name: 'Two' });
    const file = (await caller.call<{ templates: { name: string; id: string }[] }>('GET', '/templates/export')).body;
    expect(file.templates.map(({ name }) => name).sort()).toEqual(['One', 'Two']);
    const other = await createCaller(sidecar);
    const importAll = (body: object) =>
      other.call<ImportAnswer & { code?: string }>('POST', '/templates/import', { body });
    expect((await importAll(file)).body).toEqual({ created: file.templates.map(({ id }) => id), unchanged: 0 });
    expect((await importAll(file)).body).toEqual({ created: [], unchanged: 2 });

    const [one, two] = file.templates;
    const changed = {
      ...file,
      templates: [
        { ...one, name: 'One, changed' },
        { ...two, id: undefined, name: 'Three' },
      ],
    };
    const wrong = { ...changed, templates: [...changed.templates, { ...two, name: '', id: 'third' }] };
    expect(await importAll(wrong)).toMatchObject({ status: 400, body: { code: 'template_invalid' } });
    const many = {
      ...file,
      templates: Array.from({ length: 99 }, (_, i) => ({ ...one, id: undefined, name: `T${i}` })),
    };
    expect(await importAll(many)).toMatchObject({ status: 507, body: { code: 'quota_exceeded' } });
    expect((await list(other)).filter(({ origin }) => origin === 'own')).toHaveLength(2);
    expect((await importAll(changed)).body.created).toHaveLength(2);
    expect((await list(other)).filter(({ origin }) => origin === 'own').map(({ name }) => name)).toEqual([
      'One',
      'One, changed',
      'Three',
      'Two',
    ]);
  });

  test('count as storage with all their versions, and are deleted when the person deletes all chats', async () => {
    const message = `{{what}}{{focus}}${'x'.repeat(60_000)}`;
    const { id } = await save({ message });
    const held = async () => Number((await bed.db.hGet(`{user_streams:${caller.userId}}:bytes`, '=')) ?? 0);
    expect(await held()).toBeGreaterThan(60_000);
    const results: number[] = [];
    for (let i = 0; i < 7; i++)
      results.push((await put(id, { message: `${message}${i}` }, { 'if-match': '*' })).status);
    expect(results.filter((status) => status === 507).length).toBeGreaterThan(0);
    expect(await held()).toBeLessThan(400_000);
    expect((await put('never-was', {}, { 'if-match': '*' })).status).toBe(404);

    expect((await caller.call('DELETE', '/chats')).status).toBe(204);
    expect(await bed.db.keys(`*${caller.userId}*`)).toEqual([]);
  });

  test('stay counted for the network address of a guest who uses them', async () => {
    const address = newId('address').padEnd(32, '0');
    const guest = await createCaller(sidecar, { address });
    const { id } = await save({}, guest);
    const held = `{address_streams:${address}}:held`;
    const member = `t${guest.userId}:${id}`;
    const soon = Date.now() + 60_000;
    expect(await bed.db.zAdd(held, { value: member, score: soon }, { condition: 'XX', CH: true })).toBe(1);
    expect((await start({ id, values: { what: 'x' } }, {}, guest)).status).toBe(201);
    expect(await bed.db.zScore(held, member)).toBeGreaterThan(soon);
  });

  test('are counted by origin each time they are used, and administrators see the counts', async () => {
    const admin = await createCaller(sidecar, { isAdmin: true });
    const { body } = await admin.call<{ periods: { templates: Record<string, number> }[] }>('GET', '/analytics');
    // The tests before this one have started answers from templates.
    const { own = 0, published = 0 } = body.periods.at(-1)!.templates;
    expect(own).toBeGreaterThan(3);
    expect(published).toBe(1);
    const metrics = await caller.call('GET', '/metrics', { token: null });
    expect(metrics.text).toContain('rejoin_template_starts_total{origin="own"}');
  });
});

test('without Redis, templates work the same and are kept in memory', async () => {
  const memory = await bed.start({ REDIS_URL: '', SYNTHETIC_MODEL: '1' });
  const here = await createCaller(memory);
  const { id } = await save({}, here);
  const { body } = await start({ id, values: { what: 'this' } }, {}, here);
  expect(await question(body.chatId, here)).toMatchObject({ parts: [{ text: 'Review this for mistakes.' }] });
  await here.call('DELETE', '/chats');
  expect((await list(here)).filter(({ origin }) => origin === 'own')).toEqual([]);
  await memory.stop();
});
