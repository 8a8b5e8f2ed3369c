import { createRandom as createChoices, type Random as Choices } from '../testing/random.ts';

/** Random choices; the same seed makes the same choices. */
export interface Random extends Choices {
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T;
  /** A separate generator for one purpose, so that choices made in one place never change those in another. */
  fork(name: string): Random;
}

export function createRandom(seed: string): Random {
  const choices = createChoices(hash(seed));
  return {
    ...choices,
    weighted(weights) {
      const entries = Object.entries<number>(weights) as [keyof typeof weights, number][];
      let left = choices.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      return (entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1)!)[0];
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}

/** The FNV-1a hash. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
