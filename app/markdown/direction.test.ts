import { expect, test } from 'vitest';
import { renderMarkdown } from './render-html.ts';

test.each([
  ['- واحد\n- two', '<ul dir="rtl"'],
  ['> **اقتباس**', '<blockquote dir="rtl"'],
  ['1. `code` שלום', '<ol dir="rtl"'],
  ['- > واحد', '<ul dir="rtl"'],
  ['- one واحد', '<ul dir="auto"'],
  ['- 1', '<ul dir="auto"'],
])('%j has the direction of its first text', (source, start) => {
  expect(renderMarkdown(source)).toContain(start);
});
