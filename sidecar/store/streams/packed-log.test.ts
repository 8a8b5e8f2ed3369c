import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { framesOf, textDelta } from '../../../testing/sample-stream.ts';
import { encodeFrames } from '../../streams/log/encode-frames.ts';
import { BLOCK_BYTES, formatIndex, packFrames, unpackFrames, unpackLog } from './packed-log.ts';

const NOTHING = Buffer.alloc(0);

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const chunk = fc.oneof<fc.Arbitrary<Chunk>[]>(
  fc.record({
    type: fc.constant('text-delta'),
    id: fc.constantFrom('0', '2p0qz:0'),
    delta: fc.string({ unit: 'binary' }),
  }),
  fc.record({ type: fc.constant('reasoning-delta'), id: fc.constant('r'), delta: text, providerMetadata: fc.json() }),
  fc.record({ type: fc.constant('tool-input-delta'), toolCallId: fc.constant('t1'), inputTextDelta: text }),
  fc.record({ type: fc.constant('data-x'), data: fc.jsonValue(), 7: fc.constant(1) }),
  fc.record({ type: fc.constant('text-delta'), 1: text, id: text, delta: text }),
  fc.constant({ type: 'start', messageId: 'm"1\n' }),
);
const pieces = fc.array(fc.tuple(fc.array(chunk, { maxLength: 12 }), fc.constantFrom('1k7f3', '2p0qz', '10abcd')));

/** A log that has ended and that several owners wrote. */
function logOf(owners: [Chunk[], string][]): Buffer {
  let log = framesOf([{ type: 'start', messageId: 'm1' }], '1aaaa', 0);
  for (const [chunks, epoch] of owners) log = Buffer.concat([log, framesOf(chunks, epoch, log.length)]);
  return Buffer.concat([log, encodeFrames({ data: ['[DONE]'], epoch: '3zzzz', start: log.length })]);
}

test('any log is the same, byte for byte, after it was packed and unpacked', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), async (owners, hasDictionary) => {
      const log = logOf(owners);
      const dictionary = hasDictionary ? Buffer.from(JSON.stringify(owners)) : NOTHING;
      const block = await packFrames(log, 0, dictionary);
      expect(await unpackFrames(block!.packed, 0, dictionary)).toEqual(log);
    }),
    { numRuns: 300 },
  );
});

test('a character that is split between two deltas stays split', async () => {
  const log = framesOf([textDelta('a\ud83d'), textDelta('\ude00b')], '1k7f3', 0);
  const block = await packFrames(log, 0, NOTHING);
  expect(await unpackFrames(block!.packed, 0, NOTHING)).toEqual(log);
});

test('only whole frames whose event ids match their positions are packed', async () => {
  const log = framesOf([textDelta('Hi')], '1k7f3', 0);
  for (const wrong of [log.subarray(1), Buffer.from(log.toString().replace(/-\d+/, '-1')), Buffer.from('no frame')])
    expect(await packFrames(wrong, 0, NOTHING)).toBeNull();
  expect(await packFrames(log, 10, NOTHING)).toBeNull();
});

test('unpacking a block with the wrong dictionary throws', async () => {
  const sentence = 'The sky is blue because its light is scattered by the air. '.repeat(20);
  const log = framesOf([textDelta(sentence)], '1k7f3', 0);
  const block = await packFrames(log, 0, Buffer.from(sentence));
  await expect(unpackFrames(block!.packed, 0, NOTHING)).rejects.toThrow();
});

test('a log whose text is in the dictionary is packed into less than one byte per delta', async () => {
  // The text hardly repeats itself. Without the dictionary, it would take several bytes per delta.
  const words = Array.from({ length: 500 }, (_, i) =>
    Buffer.from(String(Math.sin(i)))
      .toString('base64')
      .slice(4, 24),
  );
  const log = framesOf(
    words.map((word) => textDelta(word)),
    '1k7f3',
    0,
  );
  const block = await packFrames(log, 0, Buffer.from(JSON.stringify({ accumulatedContent: words.join('') })));
  expect(block!.packed.length).toBeLessThan(500);
});

test('a whole log is unpacked block by block', async () => {
  const first = framesOf(
    Array.from({ length: 2000 }, (_, i) => textDelta(`word ${i} `)),
    '1k7f3',
    0,
  );
  const second = framesOf([textDelta('the end')], '2p0qz', first.length);
  expect(first.length).toBeGreaterThan(BLOCK_BYTES / 2);
  const blocks = [(await packFrames(first, 0, NOTHING))!, (await packFrames(second, first.length, NOTHING))!];
  const packed = Buffer.concat(blocks.map((block) => block.packed));
  expect(unpackLog(packed, formatIndex(blocks), NOTHING)).toEqual(Buffer.concat([first, second]));
});
