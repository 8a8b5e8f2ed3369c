import { describe, expect, test } from 'vitest';
import type { Marked } from '../../../shared/chat/search.ts';
import { queryWords } from '../../store/chats/words.ts';
import { findLine, markText } from './mark-text.ts';

/** The text with brackets around each mark, like `a [b] c`. */
const shown = ({ text, marks }: Marked): string =>
  marks.reduceRight((so, { from, to }) => `${so.slice(0, from)}[${so.slice(from, to)}]${so.slice(to)}`, text);
const marked = (text: string, query: string) => shown(markText(text, queryWords(query)));
const line = (text: string, query: string) => shown(findLine(text, queryWords(query)));

test.each([
  ['Why do tides rise?', 'TIDE', 'Why do [tide]s rise?'],
  ['tide, tides and tidal', 'tide', '[tide], [tide]s and tidal'],
  ['Große Gärten', 'garten große', '[Große] [Gärten]'],
  ['cafe\u0301 au lait', 'café', '[cafe\u0301] au lait'],
  ['🎉🎉 party 🎉', 'party', '🎉🎉 [party] 🎉'],
  ['潮汐表示海水', '海水', '潮汐表示[海水]'],
  ['abcabc', 'abc bca', '[abcabc]'],
  ['nothing', 'some', 'nothing'],
  ['İstanbul', 'istanbul', '[İstanbul]'],
])('the text %o, with the words of %o marked, is %o', (text, query, expected) =>
  expect(marked(text, query)).toBe(expected),
);

describe('the line that search results show of a message', () => {
  test('is the first line that has all the words, without markup', () => {
    expect(line('# The moon\n\n- The **moon** pulls the sea.\n', 'sea moon')).toBe('The [moon] pulls the [sea].');
    expect(line('- [x] Ask `moon` at [the sea](https://example.com/a)', 'sea')).toBe('Ask moon at the [sea]');
    expect(line('| Moon | 384,400 km | |', 'moon')).toBe('[Moon] · 384,400 km');
    expect(line('2**3 and __moon__', 'moon')).toBe('2**3 and __[moon]__');
  });

  test('keeps the markup if a word is only there', () => {
    expect(line('See [the page](https://example.com/moon).', 'moon')).toBe(
      'See [the page](https://example.com/[moon]).',
    );
  });

  test('is the line with the most words if no line has all of them', () => {
    expect(line('moon\nsea and moon\nstars', 'moon sea stars')).toBe('[sea] and [moon]');
  });

  test('is cut around the first hit, at whole characters', () => {
    const long = `${'word '.repeat(100)}needle ${'🎉'.repeat(200)}`;
    const found = findLine(long, ['needle']);
    expect(shown(found)).toMatch(/^…word (word )+\[needle\] 🎉+…$/u);
    expect(found.text.length).toBeLessThanOrEqual(142);
    expect(found.text.isWellFormed()).toBe(true);
    expect(shown(findLine('needle '.repeat(100), ['needle']))).toMatch(/^\[needle\] .*…$/);
  });

  test('is looked for only in a part of a hostile text, so that the search is quick', () => {
    expect(findLine('# '.repeat(500_000), ['needle']).text).toBe('');
    expect(findLine(`${'\n'.repeat(100_000)}needle`, ['needle']).marks).toEqual([]);
  });
});
