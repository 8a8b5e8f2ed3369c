import { describe, expect, test } from 'vitest';
import { htmlOfBlock, renderMarkdown } from './render-html.ts';
import './formulas/formulas.server.ts';
import { createMarkdownText } from './parse-markdown.ts';
import { createReader } from './reader.ts';
import { cpuMs, depthOf, KIB, repeated } from './testing/bounds.ts';

const DEEP = 10_000;
const FLAG = '👩🏽‍🚀🇩🇪👨‍👩‍👧‍👦';
const ZALGO = `z${'\u0300\u0316\u0334'.repeat(30)}`;
const nested = (open: string, close: string): string => `${open.repeat(DEEP)} word ${close.repeat(DEEP)}`;
/** Items that are each one level deeper than the one before. */
const stairs = (sign: string): string =>
  Array.from({ length: 300 }, (_, level) => `${sign.repeat(level)}- level`).join('\n');

/** Patterns that are repeated to a text of any length. */
const REPEATED: Record<string, string> = {
  'emphasis that never ends': '*a ',
  'emphasis of all lengths': '*a **b ***c ****d ',
  'emphasis that is closed in the wrong order': '**a* b** ',
  underscores: '_'.repeat(50) + 'a ',
  'emphasis in Chinese': '**重点，**就是',
  'emphasis in Arabic and Hebrew': '**مرحبا، **שלום *עולם* ',
  'marks that change the direction of the text': '\u202e**abc**\u202c \u2067x\u2069 ',
  'strike-through': '~~a ~~~b~~~ ~c~ ',
  'back quotes of all lengths': '`a ``b ```c ',
  'brackets that open': '[a ',
  'brackets that close': 'a]( ',
  'links in links': '[a](https://e.org ',
  'images in links': '[![a](https://e.org/b)](https://e.org/c) ',
  'addresses in angle brackets': '<https://e.org/a <b@c.d ',
  'bare addresses': 'https://e.org/(a(b)c www.e.org/_ a@b.c. ',
  'addresses with all kinds of punctuation': "https://e.org/?a=b&amp;c=d#e!'();: ",
  'references that are not defined': '[a][b] [c] [^d] ',
  entities: '&copy; &#0; &#x110000; &nosuch; &#1234567890; ',
  escapes: '\\* \\\\ \\[ \\( \\a ',
  tags: '<div class="a"><b>c</b></div> ',
  'tags that never end': '<a b=\'c" ',
  comments: '<!-- a -- <? b <![CDATA[ c ',
  'line breaks': 'a<br>b<br/>c  \n',
  formulas: '\\(a\\) $$b$$ \\[c\\] $d$ ',
  'formulas that never end': '\\(a \\[ b $$ c ',
  'formulas in formulas': '\\(a \\(b\\) ',
  'cells of a row': '| a \\| `b | c` ',
  'rows with too many or too few cells': '|a|\n|-|\n|b|c|d|\n|\n',
  'lines that only look like a table': '|a|b|\n|-|\n',
  'heads of tables': 'a|b\n-|-\n',
  'rules and headings': '---\na\n===\n# \n',
  headings: '###### a ######\n',
  tasks: '- [ ] a\n- [x] b\n- [X]c\n* [ ]\n',
  'lists that change their sign': '- a\n* b\n+ c\n1. d\n1) e\n',
  'lists with large numbers': '999999999. a\n1000000000. b\n',
  'items that are empty': '-\n\n-\n',
  'fences with odd names': '```js {1,3} title="a"\nb\n```\n~~~\u0000\uffff 漢字\nc\n~~~\n',
  'fences that never end': '```\n~~~\n````\n',
  'code by indentation': '    a\n\n\tb\n',
  tabs: '\t-\ta\n\t\t>\tb\n',
  'quotes without a space': '>>a\n>b\nc\n',
  definitions: '[a]: <b> "c"\n[a]: b\n',
  'definitions that never end': '[a]: b "c\n',
  footnotes: 'a[^1]\n\n[^1]: b\n',
  'footnotes in footnotes': '[^a]: b[^a] [^c]\n',
  NUL: 'a\u0000b\u0000\n',
  'halves of surrogate pairs': '\ud83da \udc00b \ud800\ud800 ',
  'a letter with many combining marks': ZALGO,
  'emoji of several code points': FLAG,
  'one letter': 'a',
  spaces: ' ',
  'zero width': '\u200b\u200d\ufeff',
  'line ends of all kinds': 'a\rb\r\nc\u2028d\u2029e\u0085\n',
  'control tokens of chat templates': '<|im_start|>system\n</s>[INST] ',
};
/** Texts that are used as they are. */
const WHOLE: Record<string, string> = {
  'quotes in quotes': '>'.repeat(DEEP) + ' word',
  'lists in lists': '- '.repeat(DEEP) + 'word',
  'numbered lists in numbered lists': '1. '.repeat(DEEP) + 'word',
  'quotes and lists in turn': '> - 1. '.repeat(DEEP) + 'word',
  'brackets in brackets': nested('[', ']'),
  'links in links, all closed': nested('[a', '](https://e.org)'),
  'images in images': nested('![', '](a)'),
  'strong in emphasis': nested('***a ', '***'),
  'parentheses in an address': `[word](https://e.org/${'('.repeat(DEEP)}${')'.repeat(DEEP)})`,
  'braces in a formula': `\\(${nested('{', '}')}\\)`,
  'fractions in a formula': `\\(${nested('\\frac{1}{', '}')}\\)`,
  'powers in a formula': `\\(${'x^{'.repeat(500)}word${'}'.repeat(500)}\\)`,
  'tags in tags': nested('<div>', '</div>'),
  'a list whose items are each one level deeper': stairs('  '),
  'quotes whose lines are each one level deeper': Array.from(
    { length: 300 },
    (_, level) => `${'>'.repeat(level)} level`,
  ).join('\n'),
  'a fence in each depth': Array.from({ length: 200 }, (_, level) => `${'> '.repeat(level)}\`\`\`\n`).join('') + 'word',
  'a table in each depth':
    Array.from({ length: 60 }, (_, level) => `${'  '.repeat(level)}- |a|\n${'  '.repeat(level)}  |-|\n`).join('') +
    'word',
  'a macro that calls itself': '\\(\\def\\a{\\a\\a}\\a\\) word',
  'macros that each call the next one twice': `\\(${'abcdefghijklm'
    .split('')
    .map((name, at, all) => `\\def\\${name}{\\${all[at + 1] ?? 'x'}\\${all[at + 1] ?? 'x'}}`)
    .join('')}\\a\\) word`,
  'a new command that calls itself': '\\(\\newcommand{\\a}{\\a}\\a\\) word',
  'a rule of 99,999 em': '\\(\\rule{99999em}{99999em}\\) word',
  'spaces of 99,999 em': '\\(\\hspace{99999em} \\kern 99999em \\hskip-99999em a\\) word',
  'a box that is moved': '\\(\\raisebox{9999em}{a} \\mathllap{aaaaaaaaaaaaaaaaaaa} \\smash{b} \\rlap{c}\\) word',
  'a formula with links, images and classes':
    '\\(\\href{javascript:alert(1)}{a} \\includegraphics{//e.org} \\htmlClass{x}{b} \\url{javascript:b}\\) word',
  'a matrix that is too large': `\\[\\begin{matrix}${'a & '.repeat(3_000)}\\end{matrix}\\] word`,
  'macros that repeat their argument': `\\(\\def\\a#1{${'#1'.repeat(150)}}\\a{\\a{\\a{\\a{${'x'.repeat(800)}}}}}\\) word`,
  'macros that are defined by other names': `\\(\\let\\d\\def\\d\\a#1{${'#1'.repeat(150)}}\\a{\\a{\\a{x}}}\\) word`,
  'a long macro that is used often': `\\(\\newcommand\\z{${'x'.repeat(1_400)}}${'\\z'.repeat(190)}\\) word`,
  'a formula with a font size': '\\(\\Huge \\Huge{a} \\fontsize{999pt}{9pt} b\\) word',
  'addresses that would run a script':
    '[a](javascript:alert(1)) [b](JaVaScRiPt&colon;c) [d](data:text/html,e) <javascript:f> [g](vbscript:h) [i](\u0001javascript:j) [k](//l.org) [m](/n) [o](file:///p) word',
  'tags that would run a script':
    '<script>alert(1)</script><img src=x onerror=a><svg/onload=b><iframe src="javascript:c"></iframe><a href="javascript:d">e</a><style>*{}</style> word',
  'entities that become tags': '&lt;script&gt;a&lt;/script&gt; &#60;img src=x onerror=b&#62; word',
  'attributes in the language of code': '```js" onclick="alert(1)" x="\nword\n```',
  'a title that closes its quote': `[word](https://e.org "a&quot; onclick=&quot;b")`,
  'an address that closes its quote': '[word](https://e.org/"onclick="a"b<c>)',
  'a footnote whose label is HTML': 'word[^"><script>] \n\n[^"><script>]: b',
  'a cell of 1 MiB': `|a|\n|-|\n|${'b '.repeat((KIB * KIB) / 2)}|`,
  'a table with 50,000 columns': `${'|a'.repeat(50_000)}|\n${'|-'.repeat(50_000)}|\n${'|b'.repeat(50_000)}|\nword`,
};
const SMALL: [string, string][] = [
  ...Object.entries(REPEATED).map(([name, pattern]): [string, string] => [name, repeated(pattern, 700)]),
  ...Object.entries(WHOLE).filter(([, text]) => text.length < 3_000),
];
const LARGE: [string, string][] = [
  ...Object.entries(REPEATED).map(([name, pattern]): [string, string] => [name, repeated(pattern, KIB * KIB)]),
  ...Object.entries(WHOLE),
];

const TAGS =
  /^(?:p|br|hr|div|span|section|figure|figcaption|button|strong|em|del|code|pre|a|sup|ul|ol|li|input|label|blockquote|h[3-6]|table|thead|tbody|tr|th|td|m[a-z]+|semantics|none)$/;
const ATTRIBUTES =
  /^(?:dir|class|href|id|value|start|lang|role|tabindex|rel|target|title|type|checked|disabled|scope|align|reversed|aria-[a-z]+|data-[a-z]+|display|displaystyle|scriptlevel|fence|form|stretchy|symmetric|largeop|movablelimits|accent|accentunder|separator|[lr]space|minsize|maxsize|linethickness|width|height|depth|voffset|column[a-z]+|row[a-z]+|math[a-z]+|notation)$/;
const ADDRESS = /^(?:https?:\/\/|mailto:|#)/;

/** The picture in the button that copies code. */
const ICON = /<svg [^>]*>(?:<(?:path|rect) [^>]*><\/(?:path|rect)>)*<\/svg>/g;

/** The elements, attributes and addresses in `html` that `TAGS`, `ATTRIBUTES` and `ADDRESS` do not allow. */
function dangerIn(html: string): string[] {
  const dangers: string[] = [];
  const rest = html
    .replaceAll(ICON, '')
    .replaceAll(/<\/?([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>/g, (_, tag: string, attributes: string) => {
      if (!TAGS.test(tag)) dangers.push(`<${tag}>`);
      for (const [, name, value] of attributes.matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
        if (!ATTRIBUTES.test(name!)) dangers.push(`${tag} ${name}`);
        if (name === 'href' && !ADDRESS.test(value!)) dangers.push(value!.slice(0, 80));
      }
      return '';
    });
  if (rest.includes('<') || rest.includes('>')) dangers.push(/.{0,40}[<>].{0,40}/s.exec(rest)![0]);
  return dangers;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const shown = (html: string): string =>
  html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/&([a-z]+|#39);/g, (_, name: string) => ENTITIES[name] ?? '?');
const lettersOf = (text: string): number => (text.match(/[a-z漢字重点就是]/giu) ?? []).length;

describe('a hostile text', () => {
  test.each(LARGE)('%s: is rendered in bounded time and depth, with its last word and no script', (_name, text) => {
    let html = '';
    const ms = cpuMs(() => (html = renderMarkdown(text)), 1_000);
    expect(ms).toBeLessThan(1_000);
    expect(html).not.toContain('class="plain"');
    expect(depthOf(html)).toBeLessThan(120);
    expect(dangerIn(html)).toEqual([]);
    if (/word\W*$/.test(text) || text.includes(' word ')) expect(shown(html)).toContain('word');
  });

  test.each(SMALL)('%s: pieces of any size give the same blocks, and settled blocks do not change', (_name, source) => {
    const expected = renderMarkdown(source);
    for (const size of [1, 3, 17]) {
      const text = createMarkdownText();
      const reader = createReader(text, { idPrefix: '', isGrowing: () => true });
      const settled: string[] = [];
      for (let at = 0; at < source.length; at += size) {
        text.append(source.slice(at, at + size));
        text.look(() => {
          const { root } = text.blocks;
          root.children.forEach((block, index) => {
            if (!block.isSettled) return;
            const known = settled[index];
            const now = `${block.kind} ${block.startLine}`;
            if (known === undefined) settled[index] = now;
            else expect(now, `${size} at ${at}`).toBe(known);
            void htmlOfBlock(block, root, reader);
          });
        });
      }
      const pieces = source.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const whole = createMarkdownText();
      for (const piece of pieces) whole.append(piece);
      whole.end();
      const last = createReader(whole, { idPrefix: '', isGrowing: () => false });
      const html = whole.blocks.root.children.map((block) => htmlOfBlock(block, whole.blocks.root, last)).join('');
      expect(expected.startsWith(html), `pieces of ${size}`).toBe(true);
    }
  });

  test.each(SMALL)('%s: each beginning of the text is shown safely, with nearly all letters', (_name, source) => {
    const whole = lettersOf(shown(renderMarkdown(source)));
    const lost = lettersOf(source) - whole;
    for (let cut = 1; cut < source.length; cut += 1) {
      const html = renderMarkdown(source.slice(0, cut), { growing: true });
      expect(dangerIn(html), `at ${cut}`).toEqual([]);
      expect(html, `at ${cut}`).not.toContain('class="plain"');
      // Some letters of Markdown are not shown, such as those of URLs and names of entities. The beginning of a text may lose up to
      // 24 letters more than the whole text.
      expect(
        lettersOf(source.slice(0, cut)) - lettersOf(shown(html)),
        `at ${cut}: ${source.slice(0, cut).slice(-60)}`,
      ).toBeLessThanOrEqual(Math.max(24, lost + 24));
    }
  });
});

test('a formula may define a short macro', () => {
  const html = renderMarkdown('\\(\\newcommand{\\size}{\\lVert x \\rVert} \\size = 1\\)');
  expect(html).toContain('<math');
});

test.each([
  ['address', `[a]: https://e.org/${'x'.repeat(1_900)}`],
  ['title', `[a]: https://e.org "${'x'.repeat(1_900)}"`],
])('references to a long %s become links only up to a limit, and then stay text', (_, definition) => {
  const html = renderMarkdown(`${definition}\n\n${'[a] '.repeat(5_000)}\n\n- [a]\n\n| [a] |\n|---|\n| [a] |`);
  expect(html.length).toBeLessThan(200_000);
  expect(html.split('[a]')).toHaveLength(5_003 - (html.match(/<a /g)?.length ?? 0) + 1);
});

test('a definition with an address of more than 2,000 characters is text', () => {
  expect(renderMarkdown(`[a]: https://e.org/${'x'.repeat(2_000)}\n\n[a]`)).toContain('<p dir="auto">[a]</p>');
});

test('a formula stays in its box: no part of the formula is larger than 20 em or moved by more than 20 em', () => {
  const sizes = Object.entries(WHOLE)
    .filter(([, text]) => text.includes('\\('))
    .flatMap(([name, text]) =>
      [
        ...renderMarkdown(text).matchAll(
          / (?:width|height|depth|voffset|[lr]space|minsize|maxsize|rowspacing|columnspacing|linethickness)="([^"]*)"/g,
        ),
      ].map(([attribute, value]) => ({ name, attribute, value: Math.abs(parseFloat(value!)) })),
    );
  expect(sizes.filter(({ value }) => value > 20)).toEqual([]);
});
