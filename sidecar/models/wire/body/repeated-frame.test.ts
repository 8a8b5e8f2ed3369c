import { describe, expect, test } from 'vitest';
import { createOpenAiReader } from '../openai.ts';
import { createRepeatedFrame } from './repeated-frame.ts';

const frame = (content: unknown, more: object = {}, delta: object = {}): string =>
  JSON.stringify({ id: 'c1', choices: [{ index: 0, delta: { ...delta, content }, finish_reason: null }], ...more });

interface Frame {
  choices: { delta: { content: unknown } }[];
}
const create = () => createRepeatedFrame((document) => (document as Frame).choices[0]!.delta.content);

describe('a frame like the one before', () => {
  test.each([
    'x',
    '',
    ' a',
    '"quoted"',
    '\\',
    '\n\t\u2028',
    '漢字 🦀',
    '"},"finish_reason":"stop"',
    '{"content":"no"}',
  ])('is read by its words alone: %j', (words) => {
    const repeated = create();
    repeated.learn(frame('first'));
    expect(repeated.wordsOf(frame(words))).toBe(words);
  });

  test.each([
    ['another field', frame('x', { id: 'c2' })],
    ['a field more', frame('x', { usage: {} })],
    ['a reason', frame('x').replace('null', '"stop"')],
    ['words of another type', frame(['x'])],
    ['no words', frame(null)],
    ['half a frame', frame('x').slice(0, -3)],
    ['a second text', frame('x').replace('"x"', '"x","content":"y"')],
  ])('is not taken for one with %s', (_what, other) => {
    const repeated = create();
    repeated.learn(frame('first'));
    expect(repeated.wordsOf(other)).toBeUndefined();
  });

  test('is not learned from a text that stands elsewhere', () => {
    const repeated = create();
    const misleading = frame('first', {}, { note: '"content":"no"', content_type: 'x' });
    const early = JSON.stringify({ content: 'no', ...(JSON.parse(frame('first')) as object) });
    for (const json of [misleading, early]) {
      repeated.learn(json);
      expect(repeated.wordsOf(json.replace('no', 'yes'))).toBeUndefined();
    }
  });

  test('is given up where all frames differ, so that learning costs nothing', () => {
    const repeated = create();
    for (let at = 0; at < 100; at += 1) repeated.learn(frame('x', { at }));
    expect(repeated.wordsOf(frame('y', { at: 99 }))).toBeUndefined();
  });
});

test('words that follow a reason show that the reason meant nothing, also without parsing', () => {
  const reader = createOpenAiReader([]);
  const plain = frame('one');
  reader.take(JSON.parse(plain), undefined, plain);
  reader.take({ choices: [{ delta: {}, finish_reason: 'stop' }] }, undefined);
  expect(reader.reason).toBe('stop');
  expect(reader.takeRepeated(frame('two'))).toBe(true);
  expect({ reason: reader.reason, isStamped: reader.isStamped }).toEqual({ reason: null, isStamped: true });
  expect(reader.flush()).toContain('"onetwo"');
});
