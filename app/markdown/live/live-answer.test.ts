// @vitest-environment happy-dom
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { onAnswerClick } from './enhance-answer.ts';
import { createLiveAnswer } from './live-answer.ts';
import { renderMarkdown } from '../render-html.ts';

const RICH = [
  '# Title',
  'Some **bold**, a [link](https://example.org/a), a [late one][late] and a note[^1].',
  '- one\n- two\n\n  with a paragraph\n- [x] done',
  '> quoted\n> - in it',
  '| a | b |\n|---|--:|\n| 1 | 2<br>3 |',
  '```ts\nconst a = 1;\n```',
  '1. first\n2. second',
  '[late]: https://example.org/late',
  '[^1]: The note, with *emphasis*.',
].join('\n\n');

const container = document.createElement('div');
let steps: (() => void)[] = [];
const schedule = (step: () => void) => {
  steps.push(step);
  return () => (steps = steps.filter((other) => other !== step));
};
const finish = () => {
  while (steps.length > 0) steps.shift()!();
};
/** Each call of the clock returns one millisecond more. */
const clock = () => {
  let time = 0;
  return () => (time += 1);
};
const live = (options: { isRendered?: boolean } = {}) =>
  createLiveAnswer({ container, idPrefix: '', schedule, now: clock(), ...options });
const normalized = (html: string) => html.replaceAll(' data-coloured=""', '');

beforeEach(() => {
  steps = [];
  container.replaceChildren();
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

describe('an answer in the browser', () => {
  test("has the same HTML as the server's render when it has ended, whether its chunks are short or long", () => {
    for (const size of [1, 7, 1_000]) {
      container.replaceChildren();
      const answer = live();
      for (let length = size; length < RICH.length; length += size) answer.show(RICH.slice(0, length), true);
      answer.show(RICH, false);
      finish();
      const expected = document.createElement('div');
      expected.innerHTML = renderMarkdown(RICH);
      expect(normalized(container.innerHTML)).toBe(normalized(expected.innerHTML));
    }
  });

  test.each([
    ['named footnotes', 'A[^b] and B[^a].\n\n[^a]: first\n[^b]: second'],
    ['a footnote with a name', 'Text[^note].\n\n[^note]: The note.'],
    ['a number without a footnote', 'A[^5] and B[^1].\n\n[^1]: one'],
    ['footnotes that refer to others', 'A[^1].\n\n[^1]: see [^c]\n\n[^b]: unused\n\n[^c]: see [^1]'],
    ['footnotes before their references', '[^b]: two\n\n[^a]: one\n\nText[^a], then[^b], then[^a].'],
    ['two references in one long paragraph', `A[^1] ${'word '.repeat(3_600)} b[^1]\n\n[^1]: note`],
    ['the head of a table', '| [Docs][d] | b[^1] |\n|---|---|\n| x | y |\n\nEnd.\n\n[d]: https://e.org\n\n[^1]: note'],
    ['many references', `${'[a] '.repeat(90)}\n\n[a]: https://e.org/${'x'.repeat(1_500)}\n\n[b]: /u\n\n[a]`],
  ])('ends as rendered at once: %s', (_, source) => {
    const expected = document.createElement('div');
    expected.innerHTML = renderMarkdown(source);
    for (const cut of [0, 30, source.length - 3]) {
      container.innerHTML = renderMarkdown(source.slice(0, cut), { growing: true });
      const answer = live({ isRendered: cut > 0 });
      for (let length = cut; length < source.length; length += source.length > 500 ? 500 : 1)
        answer.show(source.slice(0, length), true);
      answer.show(source, false);
      finish();
      expect(container.innerHTML).toBe(expected.innerHTML);
    }
  });

  test('leaves finished footnotes as they are while the text goes on', async () => {
    const answer = live();
    const notes = 'A[^1] b[^x].\n\n[^1]: one\n[^2]: two\n[^x]: more\n\nThe';
    answer.show(notes, true);
    finish();
    const section = container.querySelector('.footnotes')!;
    const observer = new MutationObserver((records) => changed.push(...records));
    const changed: MutationRecord[] = [];
    observer.observe(section, { subtree: true, childList: true, attributes: true, characterData: true });
    answer.show(`${notes} text goes on.\n\n- with\n- a list`, true);
    finish();
    expect([...changed, ...observer.takeRecords()]).toEqual([]);
    expect(container.lastElementChild).toBe(section);
    expect([...section.querySelectorAll('li')].map(({ id }) => id)).toEqual(['note-1', '', 'note-2']);
    observer.disconnect();
  });

  test('goes back from a footnote to the text, also while the answer is written', () => {
    container.className = 'answer';
    document.body.append(container);
    for (const growing of [true, false]) {
      live().show('- A[^1] b[^1].\n\n[^1]: one\n\n', growing);
      finish();
      onAnswerClick(
        { target: container.querySelector('.back'), preventDefault: () => undefined },
        { copied: '', copyFailed: '' },
      );
      expect(document.activeElement).toBe(container.querySelector('sup a'));
    }
    container.remove();
  });

  test("continues the server's render without replacing its elements", () => {
    const cut = RICH.indexOf('| a |') + 20;
    container.innerHTML = renderMarkdown(RICH.slice(0, cut), { growing: true });
    const [heading, paragraph, list] = container.children;
    const answer = live({ isRendered: true });
    answer.show(RICH.slice(0, cut), true);
    answer.show(RICH, false);
    finish();
    expect([...container.children].slice(0, 3)).toEqual([heading, paragraph, list]);
    const expected = document.createElement('div');
    expected.innerHTML = renderMarkdown(RICH);
    expect(normalized(container.innerHTML)).toBe(normalized(expected.innerHTML));
  });

  test('is shown less often while somebody types and frames are slow, but at least every 300 ms and at its end', () => {
    let time = 0;
    const answer = createLiveAnswer({
      container,
      idPrefix: '',
      schedule,
      now: () => (time += 10),
      isTyping: () => true,
    });
    answer.show('One', true);
    expect(container.textContent).toBe('One');
    answer.show('One two', true);
    expect(container.textContent).toBe('One');
    time += 300;
    steps.shift()!();
    expect(container.textContent).toBe('One two');
    answer.show('One two three', true);
    answer.show('One two three four.', false);
    expect(container.textContent).toBe('One two three four.');
  });

  test('keeps the nodes of a text that grows, so that a selection in it stays', () => {
    const answer = live();
    answer.show('Some **bold** words', true);
    const [text, bold, rest] = container.firstElementChild!.childNodes;
    answer.show('Some **bold** words and more of them.', true);
    expect([...container.firstElementChild!.childNodes]).toEqual([text, bold, rest]);
    expect(rest!.textContent).toBe(' words and more of them.');
  });

  test("continues even if the browser's translation has wrapped or replaced text nodes", () => {
    const answer = live();
    const source = `# Heading\n\nFirst paragraph.\n\n- one\n- two with \`code\`\n\n${'word '.repeat(200)}end`;
    for (let length = 10; length < source.length; length += 10) {
      answer.show(source.slice(0, length), true);
      translate(container, length % 20 === 0);
    }
    answer.show(source, false);
    finish();
    expect(container.lastElementChild!.textContent).toBe(`${'word '.repeat(200)}end`);
  });

  test('shows a long text in several steps, so that none takes much longer than an animation frame', () => {
    const source = 'A paragraph of **some** words.\n\n'.repeat(3_000);
    live().show(source, false);
    const first = container.children.length;
    expect(first).toBeGreaterThan(100);
    expect(first).toBeLessThan(1_000);
    finish();
    expect(container.querySelectorAll('p')).toHaveLength(3_000);
  });

  test('replaces the shown text if the next text does not begin with it', () => {
    const answer = live();
    answer.show('One thing, **written', true);
    answer.show('Certainly another', true);
    expect(container.textContent).toBe('Certainly another');
  });
});

function translate(root: Node, replaces: boolean): void {
  for (const node of [...root.childNodes]) {
    if (!(node instanceof Text)) translate(node, replaces);
    else if (node.parentElement?.localName !== 'font') {
      const font = document.createElement('font');
      node.replaceWith(font);
      font.append(replaces ? node.data.toUpperCase() : node);
    }
  }
}
