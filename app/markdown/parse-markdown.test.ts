import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMarkdownText } from './parse-markdown.ts';
import type { Block } from './blocks/block.ts';
import { renderMarkdown } from './render-html.ts';

/** Pieces of Markdown and words, separated by `|`. The tests join them into random texts. */
const PIECES =
  '# |## |- |* |+ |1. |> |    |\t|\n|\n\n|\r\n|`|``|```|~~~|~~|**|*|_|__|[|]|(|)|![|<|>|&amp;|\\|$$|\\(|\\)|\\[|\\]|' +
  '---|===|| a | b |\n|---|---|\n|[^1]|[^1]: |[a]: https://e.org|<br>|<div>|</div>|<!--|-->|https://e.org/a|me@e.org|' +
  'word|a|漢字|。|é|🦀|[ ] |x|!|"|\'|$$x = 1|\\[ y|> |**https://e.org**后|:-:|(';
const pieces = [...PIECES.split('|'), '|', '| a | b |\n', '|---|---|\n'];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

const grownBy = (source: string, sizes: readonly number[], look: boolean): string => {
  const markdown = createMarkdownText();
  for (let at = 0, turn = 0; at < source.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    markdown.append(source.slice(at, at + size));
    if (look) markdown.look(() => undefined);
    at += size;
  }
  markdown.end();
  return JSON.stringify(markdown.blocks.root);
};

describe('a text that grows', () => {
  test('has the same blocks as if it had come in one piece, however it was divided', () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (source, sizes) => {
        expect(grownBy(source, sizes, true)).toBe(grownBy(source, [source.length || 1], false));
      }),
      { numRuns: 400 },
    );
  });

  test('has the same blocks as in one piece even if a line is so long that it is parsed in parts', () => {
    const source = `${'**a** b '.repeat(3_000)}\n\n- ${'x'.repeat(9_000)}\n\n| a |\n|---|\n| ${'y '.repeat(5_000)}|\nend\n\n<!-- ${'z '.repeat(3_000)}--> ${'z '.repeat(3_000)}\nend`;
    expect(grownBy(source, [997], true)).toBe(grownBy(source, [source.length], false));
  });

  test('never changes a block that is settled', () => {
    fc.assert(
      fc.property(text, (source) => {
        const markdown = createMarkdownText();
        const settled = new Map<Block, string>();
        const check = (block: Block) => {
          const now = JSON.stringify(block);
          if (settled.has(block)) expect(now).toBe(settled.get(block));
          else if (block.isSettled) settled.set(block, now);
          else block.children.forEach(check);
        };
        for (const character of source) {
          markdown.append(character);
          markdown.look(() => markdown.blocks.root.children.forEach(check));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('shows each word when it comes, and not only at the end of its line', () => {
    const source =
      'Run it while i<n and a<b, use Map<string, number>, see arr[1] and [2]; R&D costs $5, 2*3 and ~3 to ~5.\n\n| Step | What |\n|---|---|\n| one | wash<br>peel |\n';
    for (let length = 1; length <= source.length; length += 1) {
      const words = source.slice(0, length).match(/[A-Za-z]{2,}(?=[^A-Za-z])/g) ?? [];
      const shown = textOf(renderMarkdown(source.slice(0, length), { growing: true }));
      for (const word of words.filter((word) => word !== 'br')) expect(shown).toContain(word);
    }
  });

  test('takes a paragraph of any length, and loses nothing of it', () => {
    const source = Array.from({ length: 20_000 }, (_, index) => `word${index}`).join(' ');
    const shown = textOf(renderMarkdown(source).replaceAll('</p><p', '</p> <p'));
    expect(shown).toBe(source);
  });
});

const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
