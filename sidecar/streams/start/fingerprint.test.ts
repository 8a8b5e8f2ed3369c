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

describe('in a known conversation', () => {
  const stored = fingerprintOf(request(), { beginsChat: false });

  test.each<[string, StartRequest]>([
    ['the same request', request()],
    ['the new message alone', request({ messages: request().messages.slice(-1) })],
    ['another history', request({ messages: [{ role: 'user', content: 'Other' }, request().messages[2]] })],
    ['plain content that says the same', last({ parts: undefined, content: 'And now?' })],
    ['members in another order', last({ parts: [{ text: 'And now?', type: 'text' }] })],
    ['metadata', last({ metadata: { sentAt: 7 } })],
  ])('%s is a repetition', (_, repeated) => expect(isRepetition(stored, repeated)).toBe(true));

  test.each<[string, StartRequest]>([
    ['another text', last({ parts: text('And then?') })],
    ['one part more', last({ parts: [...text('And now?'), ...text('Please.')] })],
    ['another id of the message', last({ id: 'q3' })],
    ['another model', request({ modelId: 'gemini' })],
    ['instructions', request({ instructions: 'Be brief.' })],
    ['another place', request({ parentId: 'q1' })],
    ['going on from an answer', request({ continueFrom: 'a1' })],
  ])('%s is another request', (_, other) => expect(isRepetition(stored, other)).toBe(false));
});

describe('in a conversation that the request began', () => {
  const stored = fingerprintOf(request(), { beginsChat: true });

  test('the same history, or none, is a repetition', () => {
    expect(isRepetition(stored, request())).toBe(true);
    expect(isRepetition(stored, request({ messages: request().messages.slice(-1) }))).toBe(true);
  });

  test('another history is another request', () => {
    const messages = [{ role: 'user', content: 'Other' }, request().messages[2]];
    expect(isRepetition(stored, request({ messages }))).toBe(false);
  });
});

test('every request counts as a repetition if no fingerprint is stored', () => {
  expect(isRepetition('', request())).toBe(true);
});
