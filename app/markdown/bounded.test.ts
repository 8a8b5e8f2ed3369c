import { describe, expect, test } from 'vitest';
import { valueText } from '../chat/thread/message/value-text.ts';
import { createGrowingHtml } from './live/growing-html.ts';
import { highlight } from './highlight.ts';
import { languageLabel } from './language-label.ts';
import { createMarkdownText } from './parse-markdown.ts';
import { createReader } from './reader.ts';
import { renderMarkdown } from './render-html.ts';
import { safeUrl } from './safe-url.ts';
import { cpuMs, depthOf, KIB, repeated } from './testing/bounds.ts';

const CHARACTERS = [...'ab1 \t\n!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~é漢。🦀'];
const SIGNS = [...'a1 \n!#$&()*-.:<>@[\\]_`|~'];
const PAIRS = SIGNS.flatMap((first) => SIGNS.map((second) => first + second));

describe('64 KiB of a short pattern, repeated', () => {
  // Rendering 64 KiB takes about 20 ms on an idle machine. A parser that is not linear takes seconds.
  const MAX_MS = 250;

  /**
   * Tries each pattern at 16 KiB first. Only patterns that take more than twice the median time are tried at 64 KiB.
   */
  function slowOf(patterns: readonly string[], work: (text: string) => void) {
    const times = patterns.map((pattern) => ({
      pattern,
      ms: cpuMs(() => work(repeated(pattern, 16 * KIB)), Infinity),
    }));
    const median = times.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
    return times
      .filter(({ ms }) => ms > 2 * median)
      .map(({ pattern }) => ({ pattern, ms: cpuMs(() => work(repeated(pattern, 64 * KIB)), MAX_MS) }))
      .filter(({ ms }) => ms > MAX_MS);
  }

  test('is rendered in a bounded time', () => {
    expect(slowOf([...CHARACTERS, ...PAIRS], (text) => void renderMarkdown(text))).toEqual([]);
  }, 180_000);

  test('is rendered in a bounded time as a text that is still growing', () => {
    const work = (text: string) => void renderMarkdown(text, { growing: true });
    expect(slowOf([...CHARACTERS, '* a', '*a', '[a', '`a', '\\(', '|a', '- a'], work)).toEqual([]);
  }, 60_000);

  test.each([
    ['the name of a language', (text: string) => void languageLabel(text)],
    ['a URL', (text: string) => void safeUrl(text)],
    ['the result of a tool', (text: string) => void valueText({ text })],
  ])('is taken as %s in a bounded time', (_, work) => {
    expect(slowOf(CHARACTERS, work)).toEqual([]);
  });
});

describe('a long text of one pattern, repeated', () => {
  test.each([
    '>',
    '> - ',
    '- ',
    '*a **b ',
    '_a ',
    '!',
    '[',
    '](',
    '<',
    '`a``',
    '**a** b ',
    'a\n\n',
    '| a | b |\n',
    '1. a\n',
    '> a\n\n',
    '[a]: b\n',
    '[^1] ',
    '\\(a\\) ',
    '$$a$$ ',
    '&amp;',
    '<a b="',
    'https://e.org ',
    'a@b.c ',
  ])('is rendered in bounded time and depth: 1 MiB of %j', (pattern) => {
    let html = '';
    const ms = cpuMs(() => (html = renderMarkdown(repeated(pattern, KIB * KIB))), 1_000);
    // The goal is 200 ms. A busy machine may take several times as long. A parser that is not linear takes minutes.
    expect(ms).toBeLessThan(1_000);
    expect(html).not.toContain('class="plain"');
    expect(depthOf(html)).toBeLessThan(120);
  });

  test('leaves only short blocks unfinished, even if the text is one line, so that each new part costs the same', () => {
    const text = createMarkdownText();
    const reader = createReader(text, { idPrefix: '', isGrowing: () => true });
    let longest = 0;
    for (let at = 0; at < 100; at += 1) {
      text.append(repeated('**a** b ', 2 * KIB));
      text.look(() => {
        const open = text.blocks.root.children.filter(({ isSettled }) => !isSettled);
        for (const block of open) longest = Math.max(longest, block.text.length);
        for (const block of open) reader.inline(block.text, true);
      });
    }
    expect(longest).toBeLessThan(13_000);
  });
});

test('the head of a long table is measured once, and not again for each row', () => {
  const text = `|${'](a '.repeat(950)}|\n|-|\n${'|\n'.repeat(10_000)}`;
  expect(cpuMs(() => void renderMarkdown(text), 500)).toBeLessThan(500);
});

test('a growing list is written in bounded time, because no part is rendered or sent twice', () => {
  let length = 0;
  const ms = cpuMs(() => {
    let ids = 0;
    length = 0;
    const growing = createGrowingHtml({ nextId: () => `u${(ids += 1)}`, hide: (id) => `<style>#${id}</style>` });
    for (let at = 0; at < 10_000; at += 1) {
      for (const part of [`- item ${at}`, ' of a list', ' that is long\n']) length += growing.append(part).length;
    }
  }, 3_000);
  expect(ms).toBeLessThan(3_000);
  expect(length).toBeLessThan(10_000 * 250);
});

test('code of the maximum size is coloured in bounded time, in several languages', () => {
  const patterns = ['a', '"', '(', '<', '/*', '`', '_a', '1.'];
  // Colouring takes at most about 100 ms on an idle machine. A grammar that is not linear takes seconds.
  const MAX_MS = 1_000;
  const slow = ['js', 'py', 'cpp', 'html', 'md', 'sql', 'bash'].flatMap((language) =>
    patterns
      .map((pattern) => ({
        language,
        pattern,
        ms: cpuMs(() => void highlight(linesOf(pattern, 10_000), language), MAX_MS),
      }))
      .filter(({ ms }) => ms > MAX_MS),
  );
  expect(slow).toEqual([]);
}, 60_000);

const linesOf = (pattern: string, length: number): string => repeated(`${repeated(pattern, 230)}\n`, length);
