import { expect, test } from 'vitest';
import { closeMarkdown } from './close-markdown.ts';

test.each([
  ['Text.', 'Text.'],
  ['```js\nlet a;', '```js\nlet a;\n```'],
  ['````md\n```\nlet a;\n```\n', '````md\n```\nlet a;\n```\n````'],
  ['```js\nlet a;\n```', '```js\nlet a;\n```'],
  ['~~~\ncut', '~~~\ncut\n~~~'],
  ['- item\n  ```\n  in it', '- item\n  ```\n  in it'],
  ['<!-- cut', '<!-- cut\n-->'],
  ['<!-- whole -->', '<!-- whole -->'],
  ['<div>', '<div>'],
])('%j is closed as %j, so that text after it does not become part of it', (source, closed) => {
  expect(closeMarkdown(source)).toBe(closed);
});
