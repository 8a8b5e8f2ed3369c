import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { createCodePointJoiner } from './whole-code-points.ts';

const delta = (text: string, id = '0', kind = 'text'): Chunk => ({ type: `${kind}-delta`, id, delta: text });
const joined = (chunks: Chunk[]): Chunk[] => chunks.flatMap(createCodePointJoiner());

describe('deltas of whole code points', () => {
  test('a text cut anywhere stays the same, and no delta ends inside a code point', () => {
    const text = 'a 👩‍💻 日本 🏳️‍🌈.';
    for (let size = 1; size <= 5; size += 1) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      const deltas = joined(pieces.map((piece) => delta(piece))).map((chunk) => String(chunk.delta));
      expect(deltas.join('')).toBe(text);
      expect(deltas.every((piece) => piece.isWellFormed())).toBe(true);
    }
  });

  test('halves from different message parts are not joined', () => {
    const [first, second] = ['👩'.slice(0, 1), '👩'.slice(1)];
    const chunks = joined([delta(first, '0'), delta(first, '0', 'reasoning'), delta(second, '0', 'reasoning')]);
    expect(chunks).toEqual([delta('👩', '0', 'reasoning')]);
  });

  test('a half that is never completed becomes one U+FFFD', () => {
    const half = '👩'.slice(0, 1);
    const end = { type: 'text-end', id: '0' };
    expect(joined([delta(`a${half}`), end, delta('b')])).toEqual([delta('a'), delta('\ufffd'), end, delta('b')]);
  });

  test('whole deltas and everything else are passed on as they are', () => {
    const chunks = [
      { type: 'start-step' },
      { type: 'text-start', id: '0' },
      delta('👩'),
      { type: 'text-end', id: '0' },
    ];
    const passed = joined(chunks);
    chunks.forEach((chunk, index) => expect(passed[index]).toBe(chunk));
  });
});
