import { describe, expect, test } from 'vitest';
import './formulas/formulas.server.ts';
import { de } from '~/words/de.ts';
import { renderMarkdown } from './render-html.ts';

/** The HTML of a text, without `dir` attributes. */
const html = (source: string) => renderMarkdown(source).replaceAll(' dir="auto"', '').replaceAll(' dir="ltr"', '');
const all = (source: string, tag: string): string[] =>
  [...html(source).matchAll(new RegExp(`<${tag}(?: [^>]*)?>(.*?)</${tag}>`, 'gs'))].map(([, inner]) => inner!);
const links = (source: string): string[] => [...html(source).matchAll(/href="([^"]*)"/g)].map(([, href]) => href!);

describe('a text in Chinese, Japanese or Korean', () => {
  test('is bold even if a full-width sign is next to the asterisks', () => {
    const source =
      '**重点，**就是这个。\n\n**“引用”**很重要。\n\n* **具体：**与其说少，不如说多。\n* **注意（重要）。**请看。\n\nこれは**「強調」**です。\n\n**강조(중요)**는 이것이다.';
    expect(all(source, 'strong')).toEqual(['重点，', '“引用”', '具体：', '注意（重要）。', '「強調」', '강조(중요)']);
    expect(html(source)).not.toContain('*');
  });

  test('has links for bare addresses, and such a link ends before a full-width sign', () => {
    const source =
      '看 https://example.com/docs（说明）了解更多。\n\n见 https://example.com/guide。下一句。\n\n参照：https://example.com/a、続き。\n\n「https://example.com/b」を見る';
    expect(links(source)).toEqual([
      'https://example.com/docs',
      'https://example.com/guide',
      'https://example.com/a',
      'https://example.com/b',
    ]);
  });
});

test.each([
  ['[https://e.org](https://e.org)', 'https://e.org'],
  ['[**https://e.org**](https://e.org "t")', 'https://e.org'],
  ['[www.e.org](https://www.e.org)', 'www.e.org'],
  ['![https://e.org/a.png](https://e.org/a.png)', 'Image: https://e.org/a.png'],
  ['[https://e.org/a_(b)?c=[d]][1]\n\n[1]: https://e.org', 'https://e.org/a_(b)?c=[d]'],
  ['| [https://e.org](https://e.org) |\n|---|', 'https://e.org'],
])('the text of a link may be an address: %j', (source, shown) => {
  expect(links(source)).toHaveLength(1);
  expect(html(source).replace(/<[^>]*>/g, '')).toBe(shown);
});

test.each([
  ['看https://example.com了解', 'https://example.com', ''],
  ['见www.example.com:8080了解', 'www.example.com:8080', ''],
  ['https://例え.jp/中文', 'https://例え.jp/中文', ''],
  ['**https://e.org**后', 'https://e.org', 'strong'],
  ['看***https://e.org/a***后', 'https://e.org/a', 'strong'],
  ['~~https://e.org~~后', 'https://e.org', 'del'],
  ['__https://e.org__后', 'https://e.org', ''],
  ['**a** https://e.org/**b', 'https://e.org/**b', 'strong'],
])('an address ends before marks that end emphasis, and its host before a Chinese word: %j', (source, address, tag) => {
  expect(all(source, 'a')).toEqual([address]);
  if (tag !== '') expect(html(source)).toContain(`</${tag}>`);
});

test('versions, packages and hosts are no e-mail addresses', () => {
  const source =
    'react@18.2.0, @types/node@18.2.0, pkg@1.2.3-beta, root@192.168.1.1, actions/checkout@v4.1, me@e.org, you@a.b-c.museum.';
  expect(links(source)).toEqual(['mailto:me@e.org', 'mailto:you@a.b-c.museum']);
});

test.each([
  ['> | a | b |\n> |---|---|\n> | 1 | 2 |', ['1', '2']],
  ['- > | a |\n  > |---|\n  > | 1 |', ['1']],
  ['> > text\n> > | a |\n> > |--:|\n> > | 1 |', ['1']],
  ['| a |\n:-:\n| 1 |', ['1']],
  ['| a | b |\n|---|---|\n| C:\\\\ | D:\\\\|', ['C:\\', 'D:\\']],
  ['| a | b |\n|---|---|\n| x \\| y | z\\||', ['x | y', 'z|']],
])('a table may stand in a quote, have one column, and have backslashes in its cells: %j', (source, cells) => {
  expect(all(source, 'td')).toEqual(cells);
});

test('a table goes on after a row of more than 4,000 characters', () => {
  const source = `| a | b | c |\n|---|---|---|\n| 1 | ${'x '.repeat(2_500)}| 3 |\n| 4 | 5 | 6 |\n\nEnd.`;
  const cells = all(source, 'td').map((cell) => cell.replace(/(?:x ?)+/, 'x'));
  expect(cells).toEqual(['1', 'x', '', '', 'x', '3', '4', '5', '6']);
  expect(all(source, 'p')).toEqual(['End.']);
});

test.each([
  ['[A](https://a.example)  \n[B](https://b.example)', 1],
  ['[a]: https://a.example\n[a]  \n[b]\\\n[c]', 2],
])('a line that begins with a bracket may come after a hard line break: %j', (source, count) => {
  expect(html(source).match(/<br>/g)).toHaveLength(count);
});

test.each(['[Note]: foo(bar', '[Note]: <foo', '[Note]: foo(bar baz'])('%j is text, not a definition', (source) => {
  expect(html(`${source}\n\nEnd`)).toContain(`<p>${source.replace('<', '&lt;')}</p>`);
});

test.each(['<!-- note -->', `<!-- ${'x'.repeat(3_993)}-->`, '<?php ?>', '<pre>a</pre>'])(
  'HTML that ends within a line of more than 4,000 characters ends with this line',
  (start) => {
    expect(html(`${start} ${'word '.repeat(1_000)}\n\n# Title`)).toContain('<h3>Title</h3>');
  },
);

test('one tilde means "about", and only two strike text through', () => {
  const source =
    'Plates are 0.3~8mm and 2~4mm thick. 大约~12万和~510万。 It takes ~3 to ~5 minutes (~2000 lines and ~5000 lines). Really ~~gone~~.';
  expect(all(source, 'del')).toEqual(['gone']);
  expect(html(source)).toContain('0.3~8mm and 2~4mm');
});

test('code ends only at a fence like its own, so it can contain shorter and other fences', () => {
  const source =
    '````markdown\n```js\nlet b;\n```\nstill inside\n````\n\n~~~markdown\n```py\nc = 1\n```\nalso inside\n~~~\n\n1. In a list\n   ```sh\n   ls\n   ```\n2. And on\n\nThe end.';
  const code = all(source, 'code');
  expect(code).toHaveLength(3);
  expect(code[0]).toContain('still inside');
  expect(code[1]).toContain('also inside');
  expect(code[2]).toMatch(/>ls\s*</);
  expect(all(source, 'p').at(-1)).toBe('The end.');
});

test('a `<br>` that the model writes is kept, in a table cell and in a paragraph', () => {
  const source = '| Step | What |\n|---|---|\n| 1 | wash<br>peel<br/>cut |\n| 2 | boil<br />salt |\n\nOne<br>two.';
  expect(all(source, 'td')).toEqual(['1', 'wash<br>peel<br>cut', '2', 'boil<br>salt']);
  expect(all(source, 'p')).toEqual(['One<br>two.']);
});

/** The classes of the header cells of the first table. */
const columnsIn = (source: string) =>
  [...html(source).matchAll(/<th scope="col"(?: class="([^"]*)")?/g)].map(([, names]) => names);

test('a column is as wide as the texts in its header and in the first row, as far as all columns fit on the page', () => {
  const long = 'A sentence with more than thirty characters.';
  expect(columnsIn('| Day | Task | Done |\n|---|---|---|\n| Mo | Buy milk and bread | no |')).toEqual([
    'w4',
    'w20',
    'w5',
  ]);
  expect(columnsIn('| # | City | Country |\n|---|---|---|\n| 1 | New York City | United States |')).toEqual([
    'w3',
    'w14',
    'w14',
  ]);
  expect(columnsIn(`| Day | Notes |\n|---|---|\n| Fri | ${long} |`)).toEqual(['w4', 'w30']);
  expect(columnsIn(`| Day | Notes |\n|---|---|\n| Fri | - |\n| Sat | ${long} |`)).toEqual(['w4', 'w12']);
  expect(columnsIn('| Day | [Link](https://example.com/a/long/path) |\n|---|---|')).toEqual(['w4', 'w6']);
  expect(columnsIn(`| a | b | c |\n|---|---|---|\n| ${long} | ${long} | ${long} |`)).toEqual(['w20', 'w20', 'w20']);
});

test('a column is as wide as the longest word of all rows, but not as a word of 40 characters', () => {
  const second = (word: string) =>
    columnsIn(`| Day | Bee |\n|---|---|\n| Monday | Bee |\n| Sunday |\n| Friday | ${word} |`)[1];
  expect(second('Bumblebee')).toBe('w9');
  expect(second('**Bumblebe**')).toBe('w8');
  expect(second('Bumble-bees honeybees')).toBe('w9');
  expect(second('12,500,000')).toBe('w10');
  expect(second('Internationalization')).toBe('w20 long');
  expect(second('a'.repeat(40))).toBe('w4');
});

test('both parts of a long table that is rendered as two tables have columns of the same widths', () => {
  const rows = Array.from({ length: 250 }, (_, index) => `| ${index} | word |`).join('\n');
  const tables = all(`| # | Meaning |\n|--:|---|\n${rows}`, 'table');
  expect(tables).toHaveLength(2);
  expect(tables[0]).toContain('<th scope="col" class="right w3">#</th><th scope="col" class="w8">Meaning</th>');
  expect(tables[1]).toMatch(/^<tbody><tr><td class="right w3">200<\/td><td class="w8">word<\/td>/);
});

test('formulas become MathML, but amounts of money and a formula that does not end stay text', () => {
  const source =
    'Inline \\(a_1 + b_2\\), block \\[\\sum_{j<k} x_j\\], and $$\\sum_{j<k} x_j$$ and $5 and $6. Not ended: \\(a + b';
  expect(all(source, 'math')).toHaveLength(3);
  expect(html(source)).toContain('$5 and $6.');
  expect(html(source)).toContain('a + b');
});

test.each([
  ['\\[ f(x) = a\n+ b\n- c \\]', 'f(x) = a\n+ b\n- c'],
  ['$$f(x) = a\n+ b\n- c$$', 'f(x) = a\n+ b\n- c'],
  ['Text\n$$ x\n+ y $$\nmore', 'x\n+ y'],
  ['- a\n  \\[ x =\n  1. b \\], so', 'x =\n1. b'],
  ['> \\[\n> x\n>\n> + y\n> \\]', 'x\n\n+ y'],
  ['$$\\begin{cases}\nx & \\text{if one thing} \\\\\n\ny\n\\end{cases}$$', ''],
])('a display formula may begin with content, and have list signs and a blank line: %j', (source, tex) => {
  expect(all(source, 'math')).toHaveLength(1);
  expect(html(source)).toContain(`data-tex="${tex}`);
});

test.each([
  ['$$ is *money*\n\n- a', 1],
  ['\\[a] is\n- text', 1],
  ['\\[ x = 5\n\nThen the text goes on.\n\n- a', 1],
  ['text $$a = b\n$$ more\n- a', 1],
])('a formula that does not end leaves the text after it alone: %j', (source, count) => {
  expect(all(source, 'li')).toHaveLength(count);
});

test.each([
  ['It is \\(f(x) = 2', 'It is \\(f(x) = 2'],
  ['It is \\[a[1] + a[2', 'It is \\[a[1] + a[2'],
  ['It is \\[a], and \\(b(1))', 'It is [a], and (b(1))'],
])('an unfinished formula or an escaped bracket, %j, is shown as %j, also while the text grows', (source, shown) => {
  for (const growing of [true, false]) expect(renderMarkdown(source, { growing })).toContain(`>${shown}<`);
});

test.each([
  ['Let $x$ be', 1],
  ['Then **$x^2 + y_1$**, and $f(x) = \\frac{1}{2}$.', 2],
  ['It takes $O(n \\log n)$ steps for $n$ items, at most $100$.', 3],
  ['价格是$x$元', 1],
  ['It costs $5 and $6, or $5-$10, or $5, or 3$ less.', 0],
  ['US$5 is C$6, and A$ is Australian.', 0],
  ['Set $HOME/$USER, $PATH and $$ first, or `$x$`.', 0],
  ['Use ${HOME}/${USER}, ${a}${b}, $A/${B}, $(a)$(b), $A:$(pwd) and ^${name}$.', 0],
  ['It is ($5+$), or $5M+ and 6$, from $10_000 to 20$, $5,000+ or 6$, $1_000$, or $5/$.', 0],
  ['Then $2x+1$, $3 + 4$, ${}^{14}C$, ${x}_1$, $(n)$, $2 < x$, $5 \\times 3$, $1,000$ and $f$(x).', 9],
  ['Not \\$x$, not $ x$, not $x $, not $foo bar$, not $x$y.', 0],
  ['From $a to b, then\n$c$', 1],
])('%j has this number of formulas in single dollar signs: %i', (source, count) => {
  expect(all(source, 'math')).toHaveLength(count);
  if (count === 0) expect(html(source)).toContain('$');
});

test('a number in the text links to the footnote, and the footnote links back to this number', () => {
  const source = 'A note[^1] and more.\n\n[^1]: short\n';
  const [to, back] = links(source);
  expect(html(source)).toContain(`id="${to!.slice(1)}"`);
  expect(html(source)).toContain(`id="${back!.slice(1)}"`);
  expect(html(source)).toContain('short');
});

describe('footnotes', () => {
  /** The texts of the footnotes in their order. */
  const notes = (source: string): string[] => all(source, 'li').map((item) => item.replace(/<[^>]*>|↩/g, ''));

  test('are numbered in the order in which the text refers to them, and only if they are defined', () => {
    const source = 'A[^none] b[^b] c[^7] a[^a].\n\n[^a]: first\n[^b]: second';
    expect(html(source)).toContain('>1</a></sup> c[^7] a<sup>');
    expect(notes(source)).toEqual(['second', 'first']);
  });

  test('that are referred to in other footnotes come first, and those that nothing refers to come last', () => {
    const source = 'a[^1]\n\n[^1]: see [^c]\n\n[^b]: unused\n\n[^c]: last, see [^d]\n\n[^d]: end';
    expect(notes(source)).toEqual(['see 2', 'last, see 3', 'end', 'unused']);
    expect(html(source)).toContain('see <sup><a href="#note-2" id="ref-2">2</a>');
  });

  test('have one id each, also if a long paragraph is divided and if a reference stands in a link or the name of an image', () => {
    const source = `![x[^1]](https://e.org) [y[^1]](https://e.org) z[^1] ${'word '.repeat(3_600)} z[^1]\n\n[^1]: note\n[^1]: same`;
    const ids = [...html(source).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual(['ref-1', 'note-1', 'note-2']);
  });
});

test("an image becomes a link that says 'Image' in the page's language, even before its address is complete", () => {
  const { labels } = de.answer;
  expect(renderMarkdown('![eine $& Katze](https://a.example/k.png)', { labels })).toContain(
    '>Bild: eine $&amp; Katze</a>',
  );
  expect(renderMarkdown('![](https://a.example/k.png)', { labels })).toContain('>Bild: https://a.example/k.png</a>');
  expect(renderMarkdown('![eine Katze](https://a', { labels, growing: true })).toContain('Bild: eine Katze');
});

test('names and calls that contain markdown signs stay unchanged', () => {
  const source =
    'Use snake_case_names, __init__.py and $__timeFilter here, call foo(*args, **kwargs), take arr[1] and see [2].';
  const shown = html(source).replace(/<[^>]*>/g, '');
  for (const name of ['snake_case_names', '$__timeFilter', 'arr[1]', '[2]', '*args', '**kwargs'])
    expect(shown).toContain(name);
});

test('a text that is nested too deep stays readable, and so does the text before and after it', () => {
  for (const signs of ['>'.repeat(5_000), '> - '.repeat(400), '- '.repeat(2_000)]) {
    const shown = html(`Before.\n\n${signs} deep\n\nAfter.`);
    for (const word of ['Before.', 'deep', 'After.']) expect(shown).toContain(word);
  }
  for (const signs of ['*a **b '.repeat(1_500), '_a '.repeat(3_000)])
    expect(html(signs)).not.toContain('class="plain"');
});
