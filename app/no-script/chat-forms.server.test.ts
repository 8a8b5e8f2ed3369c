import { beforeEach, expect, test, vi } from 'vitest';
import type { Chat } from '../../shared/chat/chat.ts';
import type { User } from '~/auth/auth.server.ts';
import { startFromForm } from './chat-forms.server.ts';
import * as sidecar from '~/sidecar-client/sidecar.server.ts';
import { de } from '~/words/de.ts';

vi.mock('~/sidecar-client/sidecar.server.ts');
const { startStream, getChat, models } = vi.mocked(sidecar);

const user: User = { userId: 'u1', admin: false, isOperator: false, via: 'guest' };
const at = '2026-01-01T00:00:00Z';
const chat: Chat = {
  chatId: 'c1',
  title: 'A chat',
  createdAt: at,
  updatedAt: at,
  instructions: '',
  room: null,
  said: [],
  queue: { turns: [], paused: false },
  stream: null,
  before: null,
  answers: [],
  pinned: false,
  archived: false,
  temporary: false,
  from: null,
  forks: [],
  messageCount: 2,
  messages: [
    { id: 'q1', role: 'user', parts: [{ type: 'text', text: 'Why?' }], parentId: null, createdAt: at },
    { id: 'a1', role: 'assistant', parts: [], parentId: 'q1', createdAt: at, status: 'cancelled' },
  ],
};
const send = async (fields: Record<string, string>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries({ fresh: 'f1', modelId: 'demo', ...fields })) form.set(name, value);
  await startFromForm({ user, chatId: 'c1', request: new Request('http://app.test/') }, form);
  return startStream.mock.lastCall![1];
};

beforeEach(() => {
  vi.resetAllMocks();
  getChat.mockImplementation(async (_user, _chatId, query = {}) => ({
    ...chat,
    messages: chat.messages.filter(({ id }) => id === query.at),
  }));
  models.mockResolvedValue({ models: [], defaultModelId: 'usual', resumable: true });
});

test('sends a message after the last one on the page', async () => {
  expect(await send({ intent: 'send', text: ' Hi ', parentId: 'a1' })).toMatchObject({
    chatId: 'c1',
    modelId: 'demo',
    parentId: 'a1',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  });
});

test('a message after a stored parent waits in a busy chat only if the form has `whenBusy`', async () => {
  const fields = { intent: 'send', text: 'Hi', parentId: 'a1' };
  expect(await send({ ...fields, whenBusy: 'queue' })).toMatchObject({
    parentId: 'a1',
    atEnd: true,
    whenBusy: 'queue',
  });
  expect(await send(fields)).not.toHaveProperty('whenBusy');
});

test('leaves out a parent that is not stored yet, and lets the message wait', async () => {
  const request = await send({ intent: 'send', text: 'Hi', parentId: 'being-written' });
  expect(request).not.toHaveProperty('parentId');
  expect(request).toMatchObject({ whenBusy: 'queue' });
});

test('takes the chosen example if no text is typed, and the default model if no model is chosen', async () => {
  const request = await send({ intent: 'send', text: '', prompt: 'An example', modelId: '' });
  expect(request).toMatchObject({ modelId: 'usual', messages: [{ parts: [{ text: 'An example' }] }] });
});

test('sends an edited question with the parent of the old question, as another version', async () => {
  const request = await send({ intent: 'edit', messageId: 'q1', text: 'Why not?' });
  expect(request).toMatchObject({ parentId: null, messages: [{ parts: [{ type: 'text', text: 'Why not?' }] }] });
  expect(request.messages![0]).not.toHaveProperty('id');
});

test('regenerates or continues an answer by sending its question again', async () => {
  expect(await send({ intent: 'regenerate', messageId: 'a1' })).toMatchObject({ messages: [{ id: 'q1' }] });
  expect(await send({ intent: 'regenerate', messageId: 'q1' })).toMatchObject({ messages: [{ id: 'q1' }] });
  expect(await send({ intent: 'continue', messageId: 'a1' })).toMatchObject({
    messages: [{ id: 'q1' }],
    continueFrom: 'a1',
  });
});

test('sends the same message id if a form is sent twice, and another id for another text or another page', async () => {
  const first = await send({ intent: 'send', text: 'Hi' });
  expect((await send({ intent: 'send', text: 'Hi' })).messageId).toBe(first.messageId);
  expect((await send({ intent: 'send', text: 'Hi!' })).messageId).not.toBe(first.messageId);
  expect((await send({ intent: 'send', text: 'Hi', fresh: 'f2' })).messageId).not.toBe(first.messageId);
});

test.each([
  [{ intent: 'send', text: '  ' }, 'invalid_request'],
  [{ intent: 'edit', messageId: 'q1', text: '' }, 'invalid_request'],
  [{ intent: 'regenerate', messageId: 'unknown' }, 'not_found'],
  [{ intent: 'something' }, 'invalid_request'],
])('refuses a form with the fields %j: %s', async (fields, code) => {
  await expect(send(fields as Record<string, string>)).rejects.toMatchObject({ code });
  expect(startStream).not.toHaveBeenCalled();
});

test('the error for an empty text is in the language of the page', async () => {
  const form = new FormData();
  form.set('intent', 'send');
  const request = new Request('http://app.test/', { headers: { 'accept-language': 'de' } });
  await expect(startFromForm({ user, chatId: 'c1', request }, form)).rejects.toMatchObject({
    code: 'invalid_request',
    details: { detail: de.composer.empty },
  });
});
