import { describe, expect, test } from 'vitest';
import { createFold, type Chunk } from '../../../shared/stream/fold.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import { createContinuation } from './continuation.ts';

const EPOCH = '2k7f';

/** Writes `before`, the chunks of the earlier call, and then the mapped chunks of `answer`, the new call. */
function continued(before: readonly Chunk[], answer: readonly Chunk[], { repeats = false } = {}) {
  const fold = createFold('m1');
  for (const chunk of [{ type: 'start', messageId: 'm1' }, ...before]) fold.take(structuredClone(chunk));
  const { opening, map } = createContinuation({ fold, epoch: EPOCH, repeats });
  const written: Chunk[] = [];
  const write = (chunk: Chunk) => {
    written.push(chunk);
    fold.take(structuredClone(chunk));
  };
  opening.forEach(write);
  for (const chunk of answer) map(chunk).forEach(write);
  return { written, fold, parts: fold.message.parts, text: messageText(fold.message) };
}

const START_STEP: Chunk = { type: 'start-step' };
const FINISH: Chunk[] = [{ type: 'finish-step' }, { type: 'finish', finishReason: 'stop' }];
const texts = (id: string, ...deltas: string[]): Chunk[] => [
  { type: 'text-start', id },
  ...deltas.map((delta): Chunk => ({ type: 'text-delta', id, delta })),
];
const textEnd = (id: string): Chunk => ({ type: 'text-end', id });
const answerOf = (...deltas: string[]): Chunk[] => [
  { type: 'start' },
  START_STEP,
  ...texts('0', ...deltas),
  textEnd('0'),
  ...FINISH,
];

describe('a continuation', () => {
  test('continues the open text part', () => {
    const { written, parts } = continued([START_STEP, ...texts('0', 'Once upon')], answerOf(' a', ' time.'));
    expect(written).toEqual([
      { type: 'text-delta', id: '0', delta: ' a' },
      { type: 'text-delta', id: '0', delta: ' time.' },
      textEnd('0'),
      ...FINISH,
    ]);
    expect(parts).toEqual([{ type: 'step-start' }, { type: 'text', text: 'Once upon a time.', state: 'done' }]);
  });

  test('drops the `start` of the new call; drops the first `start-step` only if a step is open', () => {
    const inStep = continued([START_STEP], answerOf('Hi'));
    expect(inStep.written.map(({ type }) => type)).not.toContain('start');
    expect(inStep.written.filter(({ type }) => type === 'start-step')).toHaveLength(0);
    const between = continued(
      [START_STEP, ...texts('0', 'One.'), textEnd('0'), { type: 'finish-step' }],
      answerOf('Two.'),
    );
    expect(between.written.filter(({ type }) => type === 'start-step')).toHaveLength(1);
    const twoSteps = continued([START_STEP], [...answerOf('One.').slice(0, -1), START_STEP, ...texts('0', 'Two.')]);
    expect(twoSteps.written.filter(({ type }) => type === 'start-step')).toHaveLength(1);
  });

  test('gives its parts ids that no earlier call can have used', () => {
    const { written } = continued(
      [START_STEP, ...texts('0', 'One.'), textEnd('0')],
      [
        START_STEP,
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: '?' },
        { type: 'reasoning-end', id: 'r' },
        ...texts('0', 'Two.'),
        textEnd('0'),
      ],
    );
    expect(written).toEqual([
      { type: 'reasoning-start', id: `${EPOCH}:r` },
      { type: 'reasoning-delta', id: `${EPOCH}:r`, delta: '?' },
      { type: 'reasoning-end', id: `${EPOCH}:r` },
      { type: 'text-start', id: `${EPOCH}:0` },
      { type: 'text-delta', id: `${EPOCH}:0`, delta: 'Two.' },
      { type: 'text-end', id: `${EPOCH}:0` },
    ]);
  });

  test('adds only its first text part to the open text part', () => {
    const { parts } = continued(
      [START_STEP, ...texts('0', 'One')],
      [START_STEP, ...texts('0', ' two.'), textEnd('0'), ...texts('1', 'Three.'), textEnd('1')],
    );
    expect(parts.map(({ text }) => text)).toEqual([undefined, 'One two.', 'Three.']);
  });

  test('ends open reasoning, and writes new reasoning as another part', () => {
    const { written, parts } = continued(
      [START_STEP, { type: 'reasoning-start', id: 'r' }, { type: 'reasoning-delta', id: 'r', delta: 'Half a thou' }],
      [
        START_STEP,
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: 'A thought.' },
        { type: 'reasoning-end', id: 'r' },
        ...texts('0', 'Hi.'),
      ],
    );
    expect(written[0]).toEqual({ type: 'reasoning-end', id: 'r' });
    expect(parts.slice(1)).toMatchObject([
      { type: 'reasoning', text: 'Half a thou', state: 'done' },
      { type: 'reasoning', text: 'A thought.', state: 'done' },
      { type: 'text', text: 'Hi.' },
    ]);
  });

  test('ends the open text if the new call begins with reasoning, a tool call or the end of the step', () => {
    for (const first of [
      { type: 'reasoning-start', id: 'r' },
      { type: 'tool-input-start', toolCallId: 'c', toolName: 't' },
      { type: 'finish-step' },
    ]) {
      const { written, fold } = continued(
        [START_STEP, ...texts('0', 'Let me see')],
        [START_STEP, first, ...texts('0', 'Now.')],
      );
      expect(written[0]).toEqual(textEnd('0'));
      expect(written[1]).toMatchObject({ type: first.type });
      expect(fold.message.parts[1]).toEqual({ type: 'text', text: 'Let me see', state: 'done' });
      expect(written.at(-1)).toEqual({ type: 'text-delta', id: `${EPOCH}:0`, delta: 'Now.' });
    }
  });

  test('begins an open tool call again under the same id', () => {
    const { parts, fold } = continued(
      [
        START_STEP,
        { type: 'tool-input-start', toolCallId: 'c', toolName: 'time' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"pla' },
      ],
      [
        START_STEP,
        { type: 'tool-input-start', toolCallId: 'c', toolName: 'time' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"place":"Bern"}' },
        { type: 'tool-input-available', toolCallId: 'c', toolName: 'time', input: { place: 'Bern' } },
        { type: 'tool-output-available', toolCallId: 'c', output: '12:00' },
      ],
    );
    expect(parts).toEqual([
      { type: 'step-start' },
      { type: 'tool-time', toolCallId: 'c', state: 'output-available', input: { place: 'Bern' }, output: '12:00' },
    ]);
    expect(fold.open).toEqual([]);
  });

  test('does not change finished steps and results', () => {
    const before: Chunk[] = [
      START_STEP,
      { type: 'tool-input-available', toolCallId: 'c', toolName: 'time', input: {} },
      { type: 'tool-output-available', toolCallId: 'c', output: '12:00' },
      { type: 'finish-step' },
    ];
    const { parts } = continued(before, answerOf('It is noon.'));
    expect(parts).toMatchObject([
      { type: 'step-start' },
      { type: 'tool-time', state: 'output-available', output: '12:00' },
      { type: 'step-start' },
      { type: 'text', text: 'It is noon.' },
    ]);
  });

  test('continues the last of several open texts, and ends the others', () => {
    const { written } = continued([START_STEP, ...texts('a', 'A'), ...texts('b', 'B')], answerOf('b.'));
    expect(written.slice(0, 2)).toEqual([textEnd('a'), { type: 'text-delta', id: 'b', delta: 'b.' }]);
  });

  test('passes on data, sources and metadata unchanged', () => {
    const others: Chunk[] = [
      { type: 'data-progress', id: 'p', data: 1 },
      { type: 'source-url', sourceId: 's', url: 'https://example.org' },
      { type: 'message-metadata', messageMetadata: { a: 1 } },
    ];
    const { written } = continued([START_STEP, ...texts('0', 'Hi')], [START_STEP, ...others]);
    expect(written).toEqual(others);
  });

  test('of an answer that had not begun is the whole answer', () => {
    const { parts } = continued([], answerOf('Hi'));
    expect(parts).toEqual([{ type: 'step-start' }, { type: 'text', text: 'Hi', state: 'done' }]);
  });
});

describe('a continuation by a model that repeats itself', () => {
  const BEFORE = [START_STEP, ...texts('0', 'The quick brown fox jumps over')];
  const repeats = { repeats: true };

  test('leaves out repeated text, for any division into deltas', () => {
    const rest = 'brown fox jumps over the lazy dog.';
    for (let cut = 0; cut < rest.length; cut++) {
      const { text } = continued(BEFORE, answerOf(rest.slice(0, cut), rest.slice(cut)), repeats);
      expect(text).toBe('The quick brown fox jumps over the lazy dog.');
    }
  });

  test('keeps text that only looks like a repetition', () => {
    expect(continued(BEFORE, answerOf('brown bears.'), repeats).text).toBe(
      'The quick brown fox jumps overbrown bears.',
    );
    expect(continued(BEFORE, answerOf(' the lazy dog.'), repeats).text).toBe(
      'The quick brown fox jumps over the lazy dog.',
    );
  });

  test('writes the text that was held back for comparison if the answer ends before the comparison is complete', () => {
    for (const answer of [
      [START_STEP, ...texts('0', 'fox jumps'), textEnd('0'), ...FINISH],
      [START_STEP, ...texts('0', 'fox jumps'), ...FINISH],
    ]) {
      const { text, parts, fold } = continued(BEFORE, answer, repeats);
      expect(text).toBe('The quick brown fox jumps overfox jumps');
      expect(parts.at(-1)).toMatchObject({ state: 'done' });
      expect(fold.open).toEqual([]);
    }
  });

  test('writes nothing for an answer without new text', () => {
    const { text } = continued(BEFORE, answerOf('brown fox jumps over'), repeats);
    expect(text).toBe('The quick brown fox jumps over');
  });

  test('looks for repeated text only in its first text', () => {
    const answer = [
      START_STEP,
      ...texts('0', ' it.'),
      textEnd('0'),
      ...texts('1', 'brown fox jumps over'),
      textEnd('1'),
    ];
    expect(continued(BEFORE, answer, repeats).text).toBe('The quick brown fox jumps over it.brown fox jumps over');
  });
});
