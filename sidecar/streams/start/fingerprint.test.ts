import { describe, expect, test } from 'vitest';
import { startRequestSchema, type StartRequest } from '../../../shared/stream/stream.ts';
import { fingerprintOf, isRepetition } from './fingerprint.ts';

const request = (changes: object = {}): StartRequest =>
  startRequestSchema.parse({
    chatId: 'c1',
    messageId: 'a2',
    modelId: 'demo',
    messages: [
      { id: 'q1', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
      { id: 'a1', role: 'assistant', parts: [{ type: 'text', text: 'Hi' }] },
      { id: 'q2', role: 'user', parts: [{ type: 'text', text: 'And now?' }] },
    ],
    ...changes,
  });
const last = (changes: object) => {
  const messages: object[] = [...request().messages];
  messages[2] = { ...messages[2], ...changes };
  return request({ messages });
};
const text = (said: string) => [{ type: 'text', text: said }];

describe('in a conversation that existed before the first request', () => {
  const stored = fingerprintOf(request(), { beginsChat: false });

  test.each<[string, StartRequest]>([
    ['the same request', request()],
    ['a request with the new message alone', request({ messages: request().messages.slice(-1) })],
    [
      'a request with another history',
      request({ messages: [{ role: 'user', content: 'Other' }, request().messages[2]] }),
    ],
    ['a request with the same text as plain content', last({ parts: undefined, content: 'And now?' })],
    ['a request with the keys of a part in another order', last({ parts: [{ text: 'And now?', type: 'text' }] })],
    ['a request with added metadata', last({ metadata: { sentAt: 7 } })],
  ])('%s is a repetition', (_, repeated) => expect(isRepetition(stored, repeated)).toBe(true));

  test.each<[string, StartRequest]>([
    ['another text', last({ parts: text('And then?') })],
    ['one more part', last({ parts: [...text('And now?'), ...text('Please.')] })],
    ['another message id', last({ id: 'q3' })],
    ['another model', request({ modelId: 'gemini' })],
    ['added instructions', request({ instructions: 'Be brief.' })],
    ['another parent', request({ parentId: 'q1' })],
    ['an answer to continue', request({ continueFrom: 'a1' })],
  ])('a request with %s is not a repetition', (_, other) => expect(isRepetition(stored, other)).toBe(false));
});

describe('in a conversation that the first request began', () => {
  const stored = fingerprintOf(request(), { beginsChat: true });

  test('a request with the same history, or with none, is a repetition', () => {
    expect(isRepetition(stored, request())).toBe(true);
    expect(isRepetition(stored, request({ messages: request().messages.slice(-1) }))).toBe(true);
  });

  test('a request with another history is not a repetition', () => {
    const messages = [{ role: 'user', content: 'Other' }, request().messages[2]];
    expect(isRepetition(stored, request({ messages }))).toBe(false);
  });
});

test('every request counts as a repetition if no fingerprint is stored', () => {
  expect(isRepetition('', request())).toBe(true);
});
