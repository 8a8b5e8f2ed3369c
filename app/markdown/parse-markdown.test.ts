import { describe, expect, it } from 'vitest';
import { createMarkdownParser } from './parse-markdown.ts';
import { mendUnfinished } from './mend-unfinished.ts';

const SAMPLE = [
  '# A heading',
  '',
  'A paragraph with **bold**, *italic*, `code`, ~~gone~~ and [a link](https://example.org/a(b)).',
  'Its second line.',
  '',
  'Setext',
  '------',
  '',
  '- one',
  '- two',
  '',
  '  with a paragraph',
  '  1. nested',
  '  2. nested too',
  '- [ ] to do',
  '- [x] done',
  '',
  '| Name | Count |',
  '| :--- | ---: |',
  '| 漢字 | 1 |',
  '| `a|b` | 2 |',
  '',
  '```ts',
  'const list = [`template`, "*not italic*"];',
  '',
  '# not a heading',
  '```',
  '',
  '> A quotation',
  '> - with a list',
  '',
  '---',
  '',
  '1. first',
  '2. second',
  '',
  '    indented code',
  '',
  'The end, with a [reference][r].',
  '',
  '[r]: https://example.org/r',
  '',
].join('\n');

const types = (source: string, streaming = false) =>
  createMarkdownParser()
    .parse(source, { streaming })
    .map(({ token }) => token.type);

describe('parsing a text that grows', () => {
  it('ends with the same blocks as parsing it at once', () => {
    const parser = createMarkdownParser();
    for (let length = 1; length < SAMPLE.length; length += 1)
      parser.parse(SAMPLE.slice(0, length), { streaming: true });
    const grown = parser.parse(SAMPLE, { streaming: false });
    const atOnce = createMarkdownParser().parse(SAMPLE, { streaming: false });
    expect(grown.map(({ token }) => token.type)).toEqual(atOnce.map(({ token }) => token.type));
    expect(grown.map(({ token }) => token.raw.trim())).toEqual(atOnce.map(({ token }) => token.raw.trim()));
  });

  it('never changes a block that is finished, nor makes a new object of it', () => {
    const parser = createMarkdownParser();
    const settled = new Map<number, unknown>();
    for (let length = 1; length <= SAMPLE.length; length += 1) {
      const blocks = parser.parse(SAMPLE.slice(0, length), { streaming: true });
      blocks.forEach((block, index) => {
        if (settled.has(index)) expect(block).toBe(settled.get(index));
        else if (!block.unfinished) settled.set(index, block);
      });
    }
    expect(settled.size).toBeGreaterThanOrEqual(10);
  });

  it('never turns what is shown into another kind of block', () => {
    const parser = createMarkdownParser();
    const shown = new Map<number, string>();
    for (let length = 1; length <= SAMPLE.length; length += 1) {
      const blocks = parser.parse(SAMPLE.slice(0, length), { streaming: true });
      blocks.forEach(({ token }, index) => {
        const before = shown.get(index);
        // A line of text becomes a heading by the line under it: held back as a line it would be missing for long.
        if (before !== undefined && !(before === 'paragraph' && token.type === 'heading')) {
          expect({ index, type: token.type, at: SAMPLE.slice(length - 20, length) }).toMatchObject({ type: before });
        }
        shown.set(index, token.type);
      });
    }
  });

  it('starts over where the text is another one', () => {
    const parser = createMarkdownParser();
    parser.parse('First.\n\nSecond.\n\nThird.', { streaming: true });
    expect(parser.parse('Other.\n\nText.', { streaming: false }).map(({ token }) => token.raw.trim())).toEqual([
      'Other.',
      'Text.',
    ]);
  });

  it('reads line ends of every system alike', () => {
    expect(types('a\r\n\r\n- b\r- c')).toEqual(['paragraph', 'list']);
  });
});

describe('what is unfinished', () => {
  it.each([
    ['an **impor', 'an **impor**'],
    ['some `co', 'some `co`'],
    ['see [the site](https://exam', 'see the site'],
    ['a word and **', 'a word and'],
    ['a word and `', 'a word and'],
    ['a word (*', 'a word ('],
    ['a word [', 'a word'],
    ['a word &am', 'a word'],
    ['a word <', 'a word'],
    ['2 * 3', '2 * 3'],
    ['Text\n-', 'Text'],
    ['Text\n1.', 'Text'],
    ['##', ''],
    ['| a | b |', ''],
    ['| a | b |\n|--', ''],
    ['Text\n``', 'Text'],
    ['```js\nlet a;\n``', '```js\nlet a;\n'],
    ['A sentence - with a dash', 'A sentence - with a dash'],
  ])('%j is shown as %j', (written, shown) => {
    expect(mendUnfinished(written).trimEnd()).toBe(shown.trimEnd());
  });

  it('is shown whole in the end, whatever was held back', () => {
    expect(types('Text\n\n| a | b |', true)).toEqual(['paragraph']);
    expect(types('Text\n\n| a | b |')).toEqual(['paragraph', 'paragraph']);
  });
});
