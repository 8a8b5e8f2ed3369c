import { describe, expect, test } from 'vitest';
import { formatEventId } from './event-id.ts';
import { DONE, formatFrame, frameBytes, positionAfter, utf8Bytes } from './frames.ts';

const EPOCH = '2k7f';
const EMPTY_FRAME_BYTES = Buffer.byteLength(`data: \nid: ${EPOCH}-\n\n`);

/** A frame that begins at the position `start`, and the position and id in this frame. */
function frame(data: string, start: number) {
  const position = positionAfter({ start, dataBytes: utf8Bytes(data), epoch: EPOCH });
  const id = formatEventId({ epoch: EPOCH, position });
  return { position, id, bytes: Buffer.from(formatFrame(data, id)) };
}

describe('a frame', () => {
  test('is its data, then its id, then an empty line', () => {
    expect(formatFrame('{"type":"start"}', '2k7f-40')).toBe('data: {"type":"start"}\nid: 2k7f-40\n\n');
    expect(formatFrame(DONE, '2k7f-40')).toBe('data: [DONE]\nid: 2k7f-40\n\n');
  });

  test('has exactly the length that frameBytes computes', () => {
    for (const data of ['', 'x', '日本語 🎉', DONE]) {
      const { id, bytes } = frame(data, 12_345);
      expect(frameBytes(utf8Bytes(data), id)).toBe(bytes.length);
    }
  });
});

describe('the position in a frame', () => {
  test('is the end of the frame, even if the end has one digit more than the start', () => {
    for (const boundary of [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000_000]) {
      for (const data of ['', 'x'.repeat(7), '🎉'.repeat(30)]) {
        const nearest = boundary - EMPTY_FRAME_BYTES - utf8Bytes(data);
        for (let start = Math.max(0, nearest - 20); start < nearest + 5; start++) {
          const { position, bytes } = frame(data, start);
          expect(position - start).toBe(bytes.length);
        }
      }
    }
  });

  test('is the smallest n for which a frame with the position n ends at n', () => {
    for (let start = 0; start < 1200; start++) {
      const { position } = frame('', start);
      const fits = (candidate: number) => start + EMPTY_FRAME_BYTES + String(candidate).length === candidate;
      expect(fits(position)).toBe(true);
      for (let smaller = start; smaller < position; smaller++) expect(fits(smaller)).toBe(false);
    }
  });

  test('counts bytes, not characters', () => {
    expect(utf8Bytes('aé日🎉')).toBe(1 + 2 + 3 + 4);
    expect(frame('🎉', 0).position - frame('x', 0).position).toBe(3);
  });
});
