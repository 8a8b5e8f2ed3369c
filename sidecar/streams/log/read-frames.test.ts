import { describe, expect, test } from 'vitest';
import { createRandom, randomText } from '../../../testing/random.ts';
import { framesOf, textDelta } from '../../../testing/sample-stream.ts';
import { framesIn } from '../../../testing/whole-log.ts';
import { encodeFrames } from './encode-frames.ts';
import { chunksIn, endsWithDone, lastEventIdOf, wholeFrames } from './read-frames.ts';

const EPOCH = '1abcd';
const random = createRandom(7);
const CHUNKS = Array.from({ length: 200 }, (_, i) => textDelta(randomText(random, i % 12), `${i % 3}`));
const LOG = framesOf(CHUNKS, EPOCH, 0);

describe('frames', () => {
  test('contain the position at which they end, wherever the first one begins', () => {
    for (const start of [0, 1, 9, 98, 997, 99_960, 99_999]) {
      let position = start;
      for (const frame of framesIn(framesOf(CHUNKS.slice(0, 40), EPOCH, start))) {
        position += frame.bytes;
        expect(frame).toMatchObject({ epoch: EPOCH, position });
      }
    }
  });

  test('are the same whether they are written together or one by one', () => {
    let log = Buffer.alloc(0);
    for (const chunk of CHUNKS) log = Buffer.concat([log, framesOf([chunk], EPOCH, log.length)]);
    expect(log).toEqual(LOG);
    expect(framesOf([], EPOCH, 5)).toEqual(Buffer.alloc(0));
  });

  test('are read back as the chunks from which they were made', () => {
    expect([...chunksIn(LOG)]).toEqual(CHUNKS);
    expect([...chunksIn(Buffer.alloc(0))]).toEqual([]);
  });

  test('give no chunk for [DONE], nor for a frame that is cut', () => {
    const done = encodeFrames({ data: ['{"type":"finish"}', '[DONE]'], epoch: EPOCH, start: 0 });
    expect([...chunksIn(done)]).toEqual([{ type: 'finish' }]);
    expect([...chunksIn(done.subarray(0, 20))]).toEqual([]);
  });

  test('have a total length that does not include an incomplete frame at the end of the log', () => {
    const ends = framesIn(LOG).map(({ position }) => position);
    for (let length = 0; length <= 4000; length++) {
      const expected = ends.findLast((end) => end <= length) ?? 0;
      expect(wholeFrames(LOG.subarray(0, length))).toBe(expected);
    }
  });

  test('give the event id of the last frame', () => {
    for (const { position } of framesIn(LOG))
      expect(lastEventIdOf(LOG.subarray(0, position))).toEqual({ epoch: EPOCH, position });
    expect(lastEventIdOf(Buffer.alloc(0))).toBeNull();
  });

  test('end a log if the last frame is [DONE], which the text of an answer cannot imitate', () => {
    const done = encodeFrames({ data: ['[DONE]'], epoch: '999999999abcdefghijklmnop', start: 999_999_999_900 });
    expect(endsWithDone(done)).toBe(true);
    expect(endsWithDone(Buffer.concat([LOG, done]))).toBe(true);
    expect(endsWithDone(LOG)).toBe(false);
    expect(endsWithDone(framesOf([textDelta('data: [DONE]\nid: 1a-5\n\n')], EPOCH, 0))).toBe(false);
    expect(endsWithDone(Buffer.alloc(0))).toBe(false);
  });
});
