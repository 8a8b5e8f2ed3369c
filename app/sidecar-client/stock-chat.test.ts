import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ERRORS } from '../../shared/errors.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import type { StartRequest } from '../../shared/stream/stream.ts';
import { replyJson, type SidecarReply } from '~/testing/fake-sidecar.ts';
import { serveApp, type ServedApp } from '~/testing/serve-app.ts';

const FRAMES = 'data: {"type":"start"}\nid: 1ab-40\n\n';

let app: ServedApp;
/** The messages of the stored chat; `null` if the chat does not exist yet. */
let kept: StoredMessage[] | null = null;
let latest: SidecarReply;

beforeAll(async () => {
  app = await serveApp({
    routes: async () => ({
      'api/chat': await import('~/routes/api.chat.ts'),
      'api/chat/:chatId/stream': await import('~/routes/api.chat.$chatId.stream.ts'),
    }),
    reply: (request, response) => {
      const { path } = request;
      if (path === '/models') replyJson(response, { models: [], defaultModelId: 'demo', resumable: true });
      else if (path === '/streams') replyJson(response, started(JSON.parse(request.body)), 201);
      else if (path.endsWith('/events')) response.writeHead(200, { 'content-type': 'text/event-stream' }).end(FRAMES);
      else if (path.endsWith('/stream')) latest(request, response);
      else if (kept) replyJson(response, pageAt(new URL(path, 'http://x').searchParams.get('at'), kept));
      else replyNotFound(response);
    },
  });
});
afterAll(() => app.close());
afterEach(() => {
  app.sidecar.requests.length = 0;
  kept = null;
});

const CHAT = { chatId: 'c1', title: '', createdAt: '', updatedAt: '', instructions: '', before: null, stream: null };
const pageAt = (at: string | null, messages: StoredMessage[]) => ({
  ...CHAT,
  messageCount: messages.length,
  messages: messages.filter(({ id }) => id === at),
  answers: messages.filter(({ role, parentId }) => role === 'assistant' && parentId === at).map(({ id }) => id),
});
const started = ({ chatId, messageId, modelId }: StartRequest) => {
  return { streamId: 's1', chatId, messageId, modelId, servedBy: 'demo', status: 'active', resumable: true };
};
const replyNotFound = (response: Parameters<SidecarReply>[1]) =>
  replyJson(response, { type: 'x', title: ERRORS.not_found.title, status: 404, code: 'not_found' }, 404);

const user = (id: string, text: string) => ({ id, role: 'user' as const, parts: [{ type: 'text', text }] });
const stored = (id: string, role: 'user' | 'assistant', text: string, parentId: string | null): StoredMessage => {
  return { id, role, parts: [{ type: 'text', text }], parentId, createdAt: '' };
};

/** Sends `body` like a stock client. Returns the start request that the sidecar got. */
async function start(body: Record<string, unknown>): Promise<StartRequest> {
  const answer = await fetch(`${app.url}/api/chat`, {
    method: 'POST',
    headers: { cookie: app.cookie, origin: app.url, 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'c1', trigger: 'submit-message', ...body }),
  });
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(answer.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1');
  expect(answer.headers.get('x-stream-id')).toBe('s1');
  expect(await answer.text()).toBe(FRAMES);
  return JSON.parse(app.sidecar.requests.findLast(({ path }) => path === '/streams')!.body) as StartRequest;
}

describe('POST /api/chat', () => {
  test('starts an answer and follows it, even if the `Accept` header does not name `text/event-stream`', async () => {
    const asked = await start({ messages: [user('u1', 'Hello')] });
    expect(asked).toMatchObject({ chatId: 'c1', modelId: 'demo', messages: [user('u1', 'Hello')] });
    expect(asked.messageId).toMatch(/^answer_[\w-]{22}$/);
  });

  test('uses the model that the request names', async () => {
    expect(await start({ messages: [user('u1', 'Hello')], modelId: 'gemini-2.5-flash' })).toMatchObject({
      modelId: 'gemini-2.5-flash',
    });
    expect(app.sidecar.requests.some(({ path }) => path === '/models')).toBe(false);
  });

  test('makes one answer for a repeated request, and a new one for another question', async () => {
    const [first, again, other] = [
      await start({ messages: [user('u1', 'Hello')] }),
      await start({ messages: [user('u1', 'Hello')] }),
      await start({ messages: [user('u2', 'Hello')] }),
    ];
    expect(again.messageId).toBe(first.messageId);
    expect(other.messageId).not.toBe(first.messageId);
  });

  test('starts another answer for each regeneration, but only one for a double click', async () => {
    const regenerate = { messages: [user('u1', 'Hello')], trigger: 'regenerate-message', messageId: 'a1' };
    const ids = [(await start({ messages: [user('u1', 'Hello')] })).messageId];
    kept = [stored('u1', 'user', 'Hello', null)];
    for (const answer of ['a1', 'a2']) {
      kept.push(stored(answer, 'assistant', 'Hi', 'u1'));
      const { messageId } = await start(regenerate);
      expect((await start(regenerate)).messageId).toBe(messageId);
      ids.push(messageId);
    }
    expect(new Set(ids).size).toBe(3);
  });

  test('starts no second answer if a regeneration is asked for before the first answer is stored', async () => {
    const { messageId } = await start({ messages: [user('u1', 'Hello')] });
    const again = await start({ messages: [user('u1', 'Hello')], trigger: 'regenerate-message' });
    expect(again.messageId).toBe(messageId);
  });

  test('makes an edited question a new message with the parent of the old question', async () => {
    kept = [
      stored('u0', 'user', 'First', null),
      stored('a0', 'assistant', 'Yes', 'u0'),
      stored('u1', 'user', 'Hello', 'a0'),
      stored('a1', 'assistant', 'Hi', 'u1'),
    ];
    const edited = await start({ messages: [user('u0', 'First'), user('u1', 'Goodbye')], messageId: 'u1' });
    const question = edited.messages.at(-1)!;
    expect(question).toMatchObject({
      id: expect.stringMatching(/^question_/),
      parts: [{ type: 'text', text: 'Goodbye' }],
    });
    expect(edited.parentId).toBe('a0');
    const untouched = await start({ messages: [user('u1', 'Hello')], messageId: 'u1' });
    expect(untouched.messages.at(-1)!.id).toBe('u1');
    expect(edited.messageId).not.toBe(untouched.messageId);

    kept.push(
      stored(question.id!, 'user', 'Goodbye', 'a0'),
      stored(edited.messageId, 'assistant', 'Bye', question.id!),
    );
    const again = await start({ messages: [user('u1', 'Goodbye')], trigger: 'regenerate-message' });
    expect(again.messages.at(-1)!.id).toBe(question.id);
    expect(again.messageId).not.toBe(edited.messageId);
  });

  test('accepts messages with `content` from older clients, and starts one answer for a repeated request', async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    const [first, again] = [await start({ messages }), await start({ messages })];
    expect(first.messages[0]).toMatchObject({ content: 'Hello', id: expect.stringMatching(/^question_/) });
    expect(again.messageId).toBe(first.messageId);
  });

  test('refuses a conversation that does not end with a question', async () => {
    const answer = await fetch(`${app.url}/api/chat`, {
      method: 'POST',
      headers: { cookie: app.cookie, origin: app.url },
      body: JSON.stringify({ id: 'c1', messages: [{ id: 'a1', role: 'assistant', content: 'Hi' }] }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request' });
  });
});

describe('GET /api/chat/:chatId/stream', () => {
  const resume = () => fetch(`${app.url}/api/chat/c1/stream`, { headers: { cookie: app.cookie } });

  test('follows the latest stream from the beginning of its message', async () => {
    latest = (_, response) => replyJson(response, { streamId: 's9', status: 'completed' });
    const answer = await resume();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1');
    expect(await answer.text()).toBe(FRAMES);
    const asked = app.sidecar.requests.at(-1)!;
    expect(asked.path).toBe('/streams/s9/events');
    expect(asked.headers['last-event-id']).toBeUndefined();
  });

  test('answers 204 to a browser without a session, and starts no session; answers 401 to an invalid token', async () => {
    const answer = await fetch(`${app.url}/api/chat/c1/stream`);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([204, null]);
    const token = { authorization: 'Bearer nonsense' };
    expect((await fetch(`${app.url}/api/chat/c1/stream`, { headers: token })).status).toBe(401);
  });

  test.each<[string, SidecarReply]>([
    ['for a chat without a stream', (_, response) => void response.writeHead(204).end()],
    ['for a chat that does not exist yet', (_, response) => replyNotFound(response)],
  ])('answers 204 %s', async (_, reply) => {
    latest = reply;
    expect((await resume()).status).toBe(204);
  });
});
