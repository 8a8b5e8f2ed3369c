// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test } from 'vitest';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';
import { Markdown } from './markdown.tsx';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const container = document.createElement('div');
const root = createRoot(container);
const show = (source: string, streaming: boolean) =>
  root.render(
    <WordsContext.Provider value={en}>
      <Markdown source={source} streaming={streaming} />
    </WordsContext.Provider>,
  );
afterEach(() => act(() => root.render(null)));

const answer = Array.from({ length: 40 }, (_, index) =>
  [
    `## Part ${index}`,
    'A paragraph with **bold**, *italic* and `code`, long enough to arrive in several pieces.',
    '- one\n- two\n- three',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '```ts\nconst a = 1;\n```',
  ].join('\n\n'),
).join('\n\n');

test('a finished block other than code is never touched again while an answer is written', async () => {
  const touched: string[] = [];
  const observer = new MutationObserver((records) => {
    for (const { target, removedNodes } of records) {
      for (const node of removedNodes) if (finished.has(node as Element)) touched.push('removed');
      const block = [...children()].find((child) => child.contains(target));
      if (block && finished.has(block)) touched.push(block.outerHTML.slice(0, 80));
    }
  });
  const children = () => container.querySelector('.answer')?.children ?? [];
  const finished = new Set<Element>();
  observer.observe(container, { subtree: true, childList: true, characterData: true, attributes: true });

  for (let length = 1; length <= answer.length; length += 7) {
    act(() => show(answer.slice(0, length), true));
    await Promise.resolve();
    // All blocks but the last are finished. Code is left out, because it is coloured after it is finished.
    for (const block of [...children()].slice(0, -1)) if (!block.matches('.code')) finished.add(block);
  }
  observer.disconnect();
  expect(touched).toEqual([]);
  expect(finished.size).toBeGreaterThan(150);
});

test('the page always shows a beginning of the final text', () => {
  const shown = () => (container.textContent ?? '').replace(/\s+/g, '');
  act(() => show(answer, false));
  const whole = shown();
  act(() => root.render(null));
  const taken: string[] = [];
  for (let length = 1; length <= 1500; length += 1) {
    act(() => show(answer.slice(0, length), true));
    if (!whole.startsWith(shown())) taken.push(answer.slice(Math.max(0, length - 30), length));
  }
  // `taken` has an entry for each moment at which the page did not show a beginning of the final text. The entry is the end of the
  // source at that moment.
  expect(taken).toEqual([]);
});
