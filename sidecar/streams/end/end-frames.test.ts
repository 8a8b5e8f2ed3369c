import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createFold, type Chunk } from '../../../shared/stream/fold.ts';
import { framesOf } from '../../../testing/sample-stream.ts';
import { checkWholeLog, chunkOf, framesIn, isDone } from '../../../testing/whole-log.ts';
import { endFrames, type End } from './end-frames.ts';
import { endingsOf } from './open-endings.ts';

const EPOCH = '1abcd';
const FINAL = '2efgh';
const COMPLETED: End = { outcome: 'completed', error: null };
const CANCELLED: End = { outcome: 'cancelled', error: null };
const FAILED: End = { outcome: 'error', error: { code: 'stalled', text: 'The model stopped answering.' } };

/** Builds a log of these chunks with its end. */
function ended(chunks: readonly Chunk[], end: End) {
  const fold = createFold('m1');
  const all = [{ type: 'start', messageId: 'm1' }, ...chunks];
  for (const chunk of all) fold.take(structuredClone(chunk));
  const before = framesOf(all, EPOCH, 0);
  const hash = createHash('sha256').update(before);
  const { bytes, chunks: endings, sha256 } = endFrames({ fold, end, epoch: FINAL, start: before.length, hash });
  const frames = framesIn(bytes);
  return {
    log: Buffer.concat([before, bytes]),
    sha256,
    fold,
    endings,
    frames,
    chunks: frames.filter((frame) => !isDone(frame)).map(chunkOf),
  };
}

const OPEN: Chunk[] = [
  { type: 'start-step' },
  { type: 'text-start', id: '0' },
  { type: 'text-delta', id: '0', delta: 'Half a sen' },
];

describe('the end of a log', () => {
  test('completes the log for every outcome, so that `checkWholeLog` accepts the log', () => {
    for (const end of [COMPLETED, CANCELLED, FAILED]) {
      const { log, sha256 } = ended(OPEN, end);
      const whole = checkWholeLog(log);
      expect(whole.status).toBe(end.outcome);
      expect(whole.text).toBe('Half a sen');
      expect(sha256).toBe(createHash('sha256').update(log).digest('hex'));
    }
  });

  test('has the final epoch in all its frames, and [DONE] in the last one', () => {
    const { frames } = ended([], COMPLETED);
    expect(new Set(frames.map(({ epoch }) => epoch))).toEqual(new Set([FINAL]));
    expect(frames.map(({ data }) => data).at(-1)).toBe('[DONE]');
  });

  test('consists, for a completed answer without open parts, of the proof (`data-end`) and a `finish` with the model’s reason', () => {
    const { chunks } = ended([], { ...COMPLETED, finishReason: 'length', messageMetadata: { tokens: 7 } });
    expect(chunks).toEqual([
      { type: 'data-end', transient: true, data: expect.objectContaining({ status: 'completed' }) },
      { type: 'finish', finishReason: 'length', messageMetadata: { tokens: 7 } },
    ]);
    expect(ended([], COMPLETED).chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
  });

  test('has an `abort` before the proof if the answer was cancelled, and an `error` if the answer failed', () => {
    expect(ended([], CANCELLED).chunks.map(({ type }) => type)).toEqual(['abort', 'data-end', 'finish']);
    expect(ended([], CANCELLED).chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'other' });
    const { chunks } = ended([], FAILED);
    expect(chunks[0]).toEqual({ type: 'error', errorText: 'The model stopped answering.' });
    expect(chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'error' });
  });

  test('contains a proof: the number of bytes before the proof, and the hash of these bytes', () => {
    const { log, chunks } = ended(OPEN, CANCELLED);
    const { bytes, sha256 } = chunks.find(({ type }) => type === 'data-end')!.data as { bytes: number; sha256: string };
    expect(log.subarray(bytes).toString()).toMatch(/^data: \{"type":"data-end"/);
    expect(createHash('sha256').update(log.subarray(0, bytes)).digest('hex')).toBe(sha256);
  });

  test('ends every part that was begun, and the step', () => {
    const { chunks, fold, endings } = ended(
      [
        ...OPEN,
        { type: 'reasoning-start', id: 'r' },
        { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} },
      ],
      FAILED,
    );
    expect(chunks.slice(0, 4)).toEqual([
      { type: 'text-end', id: '0' },
      { type: 'reasoning-end', id: 'r' },
      { type: 'tool-output-error', toolCallId: 'c', errorText: expect.any(String) },
      { type: 'finish-step' },
    ]);
    expect(fold.open).toHaveLength(3); // `endFrames` has not changed the fold
    for (const ending of endings) fold.take(ending);
    expect(fold.open).toEqual([]);
    expect(fold.inStep).toBe(false);
  });
});

describe('the end of an open tool call', () => {
  const endingOf = (chunks: readonly Chunk[], outcome: End['outcome'] = 'cancelled') => {
    const fold = createFold('m1');
    for (const chunk of chunks) fold.take(chunk);
    const endings = endingsOf(fold, outcome);
    for (const ending of endings) fold.take(ending);
    expect(fold.open).toEqual([]);
    return { endings, part: fold.message.parts.at(-1)! };
  };

  test('is an input error with the tool’s name while the input is being written', () => {
    const begun: Chunk = { type: 'tool-input-start', toolCallId: 'c', toolName: 'time' };
    const { endings, part } = endingOf([begun, { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{' }]);
    expect(endings).toEqual([
      { type: 'tool-input-error', toolCallId: 'c', toolName: 'time', input: null, errorText: expect.any(String) },
    ]);
    expect(part).toMatchObject({ type: 'tool-time', state: 'output-error' });
    expect(endingOf([{ ...begun, dynamic: true }]).endings[0]).toMatchObject({ toolName: 'time' });
  });

  test('is an output error once the tool was called, even while its result arrives in parts', () => {
    const called: Chunk = { type: 'tool-input-available', toolCallId: 'c', toolName: 'time', input: {} };
    const preliminary: Chunk = { type: 'tool-output-available', toolCallId: 'c', output: 1, preliminary: true };
    for (const chunks of [[called], [called, preliminary]]) {
      const { endings, part } = endingOf(chunks);
      expect(endings).toEqual([{ type: 'tool-output-error', toolCallId: 'c', errorText: expect.any(String) }]);
      expect(part).toMatchObject({ state: 'output-error', input: {} });
    }
  });

  test('is empty if the call already has its result', () => {
    const { endings } = endingOf([
      { type: 'tool-input-available', toolCallId: 'c', toolName: 'time', input: {} },
      { type: 'tool-output-available', toolCallId: 'c', output: 1 },
    ]);
    expect(endings).toEqual([]);
  });

  test('tells a person whether the answer was stopped or failed', () => {
    const begun: Chunk = { type: 'tool-input-start', toolCallId: 'c', toolName: 'time' };
    const [stopped, lost] = (['cancelled', 'error'] as const).map((outcome) => endingOf([begun], outcome).endings[0]);
    expect(stopped!.errorText).not.toBe(lost!.errorText);
  });
});
