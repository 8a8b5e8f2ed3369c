/** Random choices from a seed: the same seed makes the same choices, so a failing run can be repeated. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** An integer from `from` to `to`, both included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** A linear congruential generator whose high bits are mixed into the low ones: good enough to choose test cases. */
export function createRandom(seed: number): Random {
  let state = (seed * 2654435761 + 1013904223) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x45d9f3b) >>> 0;
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[int(0, items.length - 1)]!,
  };
}

const PIECES = [
  'a',
  'word ',
  ' and',
  'é',
  'ß',
  '日本',
  '語',
  '🎉',
  '👩‍👩‍👧',
  '\n',
  '"',
  '\\',
  '\u2028',
  '\t',
  '[DONE]',
  'id: 1a-5',
];

/** Text of `pieces` random pieces of 1 to 18 bytes each: words, letters, characters that JSON escapes, emoji, parts of frames. */
export function randomText(random: Random, pieces: number): string {
  let text = '';
  for (let i = 0; i < pieces; i++) text += random.pick(PIECES);
  return text;
}
