import { expect, test } from 'vitest';
import { closeMarkdown } from './close-markdown.ts';

test.each([
  ['```js\nlet a;', '```js\nlet a;\n```'],
  ['````md\n```\nlet a;\n```\n', '````md\n```\nlet a;\n```\n````'],
  ['~~~\ncut', '~~~\ncut\n~~~'],
  ['<!-- cut', '<!-- cut\n-->'],
])('an open block is closed: %j becomes %j', (source, closed) => {
  expect(closeMarkdown(source)).toBe(closed);
});

test.each(['Text.', '```js\nlet a;\n```', '- item\n  ```\n  in it', '<!-- whole -->', '<div>'])(
  '%j is not changed, because no block is open after a blank line',
  (source) => {
    expect(closeMarkdown(source)).toBe(source);
  },
);
