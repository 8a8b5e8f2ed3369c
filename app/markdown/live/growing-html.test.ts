// @vitest-environment happy-dom
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../render-html.ts';
import { createGrowingHtml } from './growing-html.ts';

function grow() {
  let id = 0;
  return createGrowingHtml({ nextId: () => `u${(id += 1)}`, hide: (id) => `<style>#${id}{}</style>` });
}

/** What a browser shows of the HTML: without the elements that are hidden. */
function shown(html: string): Element {
  const container = document.createElement('div');
  container.innerHTML = html;
  for (const style of [...container.querySelectorAll('style')]) style.parentElement!.closest('[id^="u"]')!.remove();
  return container;
}

/**
 * The visible HTML without what later text can change: a list that was written as tight keeps the class `tight`, even if it becomes loose later, and the
 * columns of a table keep their widths.
 */
const compared = (html: string) =>
  shown(html)
    .innerHTML.replaceAll(/ class="(?:tight ?)?(continued)?"/g, '$1')
    .replaceAll(/(?<=<th [^>]*)\bw\d+( long)?/g, '');

function grownBy(source: string, sizes: readonly number[]): string {
  const growing = grow();
  let html = '';
  for (let at = 0, turn = 0; at < source.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    html += growing.append(source.slice(at, at + size));
    at += size;
  }
  return html + growing.end();
}

const PIECES =
  '# |## |- |* |+ |1. |2. |> |   |    |\t|\n|\n|\n\n|\r\n|`|```|```js|~~~|~~|**|*|_|(|)|!|<|>|\\|$$|\\[|\\]|' +
  '---|===|- - -|<br>|<div>|<pre>|</div>|<!--|-->|word|a|漢字|א|é|x|!|2';
const pieces = [...PIECES.split('|'), '|', '| a | b |\n', '|---|---|\n', '\n- ', '\n1. ', '\n   - ', '\n\n   '];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

/** The visible HTML after each of the parts, without `dir`, classes and ids. */
function steps(...parts: string[]): string[] {
  const growing = grow();
  let html = '';
  return parts.map((part) => {
    html += growing.append(part);
    return shown(html).innerHTML.replaceAll(/ (?:dir|class|id)="[^"]*"/g, '');
  });
}

describe('HTML that grows', () => {
  test('shows the same at its end as a render of the whole text, however the text was divided', () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (source, sizes) => {
        expect(compared(grownBy(source, sizes))).toBe(compared(renderMarkdown(source)));
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    '2. 1. ## a',
    'a\n``````js`` b',
    '> a\n> ```x` b',
    '- a\n<prefix',
    '- a\n$$ b',
    `a\n${'- '.repeat(150)}x`,
  ])('is not misled by the beginning of a line: %j', (source) =>
    expect(compared(grownBy(source, [1]))).toBe(compared(renderMarkdown(source))),
  );

  test('renders an item of a list as soon as the next item begins, and shows the unfinished item with its raw text', () => {
    expect(steps('3. **Wa', 'sh** it\n', '4.', ' **Boil', '** it\n', '   - slow', 'ly\n   - with', '\n\nThen')).toEqual(
      [
        '<ol start="3"><li><p>**Wa</p></li></ol>',
        '<ol start="3"><li><p>**Wash** it</p></li></ol>',
        '<ol start="3"><li><p>**Wash** it</p></li></ol>',
        '<ol start="3"><li><p><strong>Wash</strong> it</p></li><li><p>**Boil</p></li></ol>',
        '<ol start="3"><li><p><strong>Wash</strong> it</p></li><li><p>**Boil** it</p></li></ol>',
        '<ol start="3"><li><p><strong>Wash</strong> it</p></li><li><p><strong>Boil</strong> it</p><ul><li><p>slow</p></li></ul></li></ol>',
        '<ol start="3"><li><p><strong>Wash</strong> it</p></li><li><p><strong>Boil</strong> it</p><ul><li><p>slowly</p></li><li><p>with</p></li></ul></li></ol>',
        '<ol start="3"><li><p><strong>Wash</strong> it</p></li><li><p><strong>Boil</strong> it</p><ul><li><p>slowly</p></li><li><p>with</p></li></ul></li></ol><p>Then</p>',
      ],
    );
  });

  test('renders the rows of a table and the blocks of a quote one by one', () => {
    const head = '<thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>';
    const table = (rows: string) => expect.stringContaining(`<table>${head}<tbody>${rows}</tbody></table>`);
    expect(steps('| a | b |', '\n|---|---|\n| `x', '` | y |\n| z')).toEqual([
      '<p>| a | b |</p>',
      table('<tr><td colspan="2">| `x</td></tr>'),
      table('<tr><td><code>x</code></td><td>y</td></tr><tr><td colspan="2">| z</td></tr>'),
    ]);
    expect(steps('> *a*\n>\n> b', ' c')).toEqual([
      '<blockquote><p><em>a</em></p><p>b</p></blockquote>',
      '<blockquote><p><em>a</em></p><p>b c</p></blockquote>',
    ]);
  });

  test('does not end an item before the next line decides whether the item goes on', () => {
    expect(steps('- a\n', '$$', ' is *money*', '\n-', ' b')).toEqual([
      '<ul><li><p>a</p></li></ul>',
      '<ul><li><p>a</p></li></ul>',
      '<ul><li><p>a\n$$ is *money*</p></li></ul>',
      '<ul><li><p>a\n$$ is *money*</p></li></ul>',
      '<ul><li><p>a\n$$ is <em>money</em></p></li><li><p>b</p></li></ul>',
    ]);
  });

  test('shows a list as loose from its first item on, if there is an empty line between the first two items', () => {
    const growing = grow();
    const html = ['1. a\n', '\n', '2. b'].map((part) => growing.append(part)).at(-1);
    expect(html).toContain('<ol dir="auto"><li><p dir="auto">a</p></li>');
    const tight = grow();
    expect(['1. a\n', '2. b'].map((part) => tight.append(part)).at(-1)).toContain('<ol dir="auto" class="tight">');
  });

  test('keeps the text of a footnote visible, and shows a link definition only until the definition is complete', () => {
    expect(steps('A[^1].\n\n', '[^1]: The', ' note\n[a]: https://e.org\n', '\n[^2]: More').at(-1)).toBe(
      '<p>A<sup>1</sup>.</p><p>[^1]: The note\n[a]: https://e.org</p><p>[^2]: More</p>',
    );
    expect(steps('[a]: https', '://e.org\n', '\nText').map((html) => html.replace(/<.?p>/g, ''))).toEqual([
      '[a]: https',
      '[a]: https://e.org',
      'Text',
    ]);
  });

  test('shows a whole footnote that comes in one chunk, and both parts of a footnote that comes in two', () => {
    const [first, second] = steps('A[^1].\n\n[^1]: The note.\n\n[^2]: More', ' of\n    - it\n\nText', '.');
    expect(first).toBe('<p>A<sup><a href="#live-note-1">1</a></sup>.</p><p>[^1]: The note.</p><p>[^2]: More</p>');
    expect(second).toBe(`${first!.slice(0, -4)} of</p><p>it</p><p>Text</p>`);
  });

  test('shows a row that begins like a tag, and the rows after it', () => {
    const source = '| a | b |\n|---|---|\nx\n<b># y\nz';
    expect(compared(grownBy(source, [1]))).toBe(compared(renderMarkdown(source)));
  });

  test.each([
    ['a list', '', (word: string) => `- ${word}\n`, 450],
    ['a loose list of nested lists', '', (word: string, at: number) => `${at % 3 ? '   - ' : '\n1. '}${word}\n`, 450],
    ['a paragraph of lines', '', (word: string) => `${word} and more\n`, 1_200],
    ['a paragraph of one line', '', (word: string) => `${word} and more `, 1_200],
    ['a table', '| a |\n|---|\n', (word: string) => `| ${word} |\n`, 450],
    ['code', '```\n', (word: string) => `${word} and more of it\n`, 900],
    ['a footnote', '[^1]: a\n\n', (word: string, at: number) => `    ${at % 3 ? '' : '\n    - '}${word}\n`, 450],
    ['code in a list', '- a\n\n  ```\n', (word: string) => `  ${word} and more of it\n`, 900],
  ])('has every word exactly once, in %s that is long', (_what, beginning, line, count) => {
    const growing = grow();
    let html = growing.append(`Before it.\n\n${beginning}`);
    for (let index = 0; index < count; index += 1) {
      html += growing.append(line(`w${index}.`, index));
      if (index % 97 > 0) continue;
      const found = shown(html).textContent!.match(/w\d+\./g);
      expect(found).toEqual(Array.from({ length: index + 1 }, (_, at) => `w${at}.`));
    }
  });
});
