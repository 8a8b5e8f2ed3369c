import { describe, expect, test } from 'vitest';
import { createOpenAiReader } from '../openai.ts';
import { createRepeatedFrame, type RepeatedFrame } from './repeated-frame.ts';

const frame = (content: unknown, more: object = {}, delta: object = {}): string =>
  JSON.stringify({ id: 'c1', choices: [{ index: 0, delta: { ...delta, content }, finish_reason: null }], ...more });

interface Frame {
  choices: { delta: { content: unknown } }[];
}
const create = () => createRepeatedFrame((document) => (document as Frame).choices[0]!.delta.content);

/** The words that are read from a piece, and the rest of the piece. */
function readBy(repeated: RepeatedFrame, piece: string): { words: string; rest: string } {
  const bytes = Buffer.from(piece);
  const { words, end } = repeated.read(bytes);
  return { words: JSON.parse(`"${Buffer.concat(words).toString()}"`) as string, rest: bytes.subarray(end).toString() };
}
const event = (json: string): string => `data: ${json}\n\n`;

describe('a repeated frame', () => {
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
  ])('with the words %j is read without being parsed', (words) => {
    const repeated = create();
    repeated.learn(frame('first'));
    expect(readBy(repeated, event(frame(words)))).toEqual({ words, rest: '' });
  });

  test.each([
    ['a text in a new field', frame('x', { note: 'c2' })],
    ['an object in a new field', frame('x', { usage: {} })],
    ['a reason to finish', frame('x').replace('null', '"stop"')],
    ['words of another type', frame(['x'])],
    ['null in place of its words', frame(null)],
    ['its end cut off', frame('x').slice(0, -3)],
    ['its words cut off', frame('x').slice(0, frame('x').indexOf('"x"') + 2)],
    ['a second field of words', frame('x').replace('"x"', '"x","content":"y"')],
    ['an escape that JSON does not have', frame('x').replace('"x"', '"\\x"')],
    ['an escape with a wrong digit', frame('x').replace('"x"', '"\\u12g4"')],
    ['an unescaped tab in its words', frame('x').replace('"x"', '"\t"')],
    ['an ignored field of another type', frame('x').replace('"c1"', '{}')],
    ['an invalid number in an ignored field', frame('x').replace('"c1"', '01')],
  ])('is not recognized if the next frame has %s', (_what, other) => {
    const repeated = create();
    repeated.learn(frame('first'));
    expect(readBy(repeated, event(other))).toEqual({ words: '', rest: event(other) });
  });

  test('may differ in fields that are never read, if they hold strings or whole numbers', () => {
    const repeated = create();
    const one = (id: string, created: number, obfuscation: string) =>
      event(frame(id, { id, created, obfuscation, choices_count: 1 }));
    repeated.learn(frame('first', { id: 'c1', created: 1, obfuscation: 'xxx', choices_count: 1 }));
    expect(readBy(repeated, one('a', 0, '') + one('b', 17, '"') + one('c', -1, ''))).toEqual({
      words: 'ab',
      rest: one('c', -1, ''),
    });
  });

  test('is recognized with spaces between its fields, with LF or CRLF line ends, and with escapes in its words', () => {
    const spaced = (words: string) => `{"id": "1", "choices": [{"index": 0, "delta": {"content": "${words}"}}]}`;
    const repeated = create();
    repeated.learn(spaced('first'));
    const piece = `data:${spaced('\\u6f22')}\r\n\r\ndata: ${spaced('\\ud83e')}\r\n\r\ndata: ${spaced('\\udd80')}\n\n: ping\n\n`;
    expect(readBy(repeated, piece)).toEqual({ words: '漢🦀', rest: ': ping\n\n' });
  });

  test('does not complete a UTF-8 character that the frame before has cut', () => {
    const repeated = create();
    repeated.learn(frame('first'));
    const [half, rest] = [Buffer.from('漢').subarray(0, 1), Buffer.from('漢').subarray(1)];
    const [before, after] = event(frame('|'))
      .split('|')
      .map((text) => Buffer.from(text)) as [Buffer, Buffer];
    const cut = Buffer.concat([before, half, after]);
    expect(repeated.read(Buffer.concat([cut, before, rest, after])).end).toBe(cut.length);
  });

  test('does not take another "content" for the words of the delta', () => {
    const repeated = create();
    const misleading = frame('first', {}, { note: '"content":"no"', content_type: 'x' });
    const early = JSON.stringify({ content: 'no', ...(JSON.parse(frame('first')) as object) });
    for (const json of [misleading, early]) {
      repeated.learn(json);
      expect(repeated.read(Buffer.from(event(json.replace('no', 'yes')))).end).toBe(0);
    }
  });

  test('is no longer looked for if all frames differ, because learning would cost more than it saves', () => {
    const repeated = create();
    for (let at = 0; at < 100; at += 1) repeated.learn(frame('x', { at }));
    expect(repeated.read(Buffer.from(event(frame('y', { at: 99 })))).end).toBe(0);
  });
});

test('words after a reason to finish cancel that reason, even if their frame is not parsed', () => {
  const reader = createOpenAiReader([]);
  const plain = frame('one');
  reader.take(JSON.parse(plain), undefined, plain);
  reader.take({ choices: [{ delta: {}, finish_reason: 'stop' }] }, undefined);
  expect(reader.reason).toBe('stop');
  const piece = Buffer.from(event(frame('two')));
  expect(reader.takeRepeated(piece)).toBe(piece.length);
  expect({ reason: reader.reason, isStamped: reader.isStamped }).toEqual({ reason: null, isStamped: true });
  expect(Buffer.from(reader.flush()).toString()).toContain('"onetwo"');
});
