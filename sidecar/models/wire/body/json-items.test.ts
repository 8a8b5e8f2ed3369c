import { describe, expect, test } from 'vitest';
import { createJsonItems } from './json-items.ts';

function read(pieces: readonly string[]) {
  const got = { items: [] as unknown[], broken: 0, isOpen: false };
  const items = createJsonItems({ item: (text) => got.items.push(JSON.parse(text)), broken: () => (got.broken += 1) });
  for (const piece of pieces) items.feed(piece);
  return { ...got, isOpen: items.isOpen };
}

const A = { a: ['}', { b: '"]' }], c: '\\' };
const B = { d: '漢\n' };
const DOCUMENTS = {
  'one document': [JSON.stringify(A), [A]],
  'one document over many lines': [JSON.stringify(A, null, 2), [A]],
  'a document in each line': [`${JSON.stringify(A)}\n\n${JSON.stringify(B)}\r\n`, [A, B]],
  'documents without anything between': [JSON.stringify(A) + JSON.stringify(B), [A, B]],
  'a list': [`[${JSON.stringify(A)}\n,\r\n${JSON.stringify(B)}]\n`, [A, B]],
  'two lists': [`[${JSON.stringify(A)}]\n[${JSON.stringify(B)}]`, [A, B]],
  'an empty list': ['[]', []],
} as const;

describe.each(Object.entries(DOCUMENTS))('in %s', (_name, [text, items]) => {
  test('each item is found once, however the text is divided into pieces', () => {
    for (const size of [1, 2, 3, 7, text.length]) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      expect(read(pieces)).toEqual({ items, broken: 0, isOpen: false });
    }
  });
});

test('an item is passed on before its list has ended', () => {
  expect(read(['[{"a":1},\n'])).toEqual({ items: [{ a: 1 }], broken: 0, isOpen: true });
});

test('a document that is cut stays open', () => {
  expect(read(['{"a":"b'])).toMatchObject({ items: [], isOpen: true });
});

test('a lost byte makes only one line unreadable', () => {
  expect(read(['{"a":"b}\n{"c":1}\n'])).toEqual({ items: [{ c: 1 }], broken: 1, isOpen: false });
  expect(read(['"a":1}}\n{"c":1}'])).toMatchObject({ items: [{ c: 1 }], isOpen: false });
});

test('a large document in small pieces is read in linear time', () => {
  const items: string[] = [];
  const reader = createJsonItems({ item: (text) => void items.push(text), broken: () => {} });
  const document = JSON.stringify({ text: 'word '.repeat(800_000) });
  const before = process.cpuUsage();
  for (let at = 0; at < document.length; at += 1400) reader.feed(document.slice(at, at + 1400));
  // This takes about 60 ms. If each piece copied the whole document, it would take more than ten seconds.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2_000);
  expect(items).toEqual([document]);
});
