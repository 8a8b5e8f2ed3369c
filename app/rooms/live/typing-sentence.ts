import { fill, type Words } from '~/words/words.ts';

export function typingSentence(words: Words['people'], names: readonly string[]): string {
  if (names.length === 0) return '';
  return names.length === 1 ? fill(words.typing, { name: names[0]! }) : fill(words.typingMany, { count: names.length });
}
