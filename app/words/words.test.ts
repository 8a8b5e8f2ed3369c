import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/shared/paths.ts';
import { ERRORS } from '../../shared/errors.ts';
import { STREAM_ERRORS } from '../../shared/stream/stream-error-codes.ts';
import { ENGLISH_LABELS } from '~/markdown/labels.ts';
import { en } from './en.ts';
import { answerErrorSentence, fill, problemSentence } from './words.ts';
import { LANGUAGES, wordsFor } from './words.server.ts';

const asked = (headers: Record<string, string>) => wordsFor(new Request('http://app.test/', { headers })).language;

describe('the language of a request', () => {
  test.each([
    [{}, 'en'],
    [{ 'accept-language': 'de-AT,de;q=0.9,en;q=0.8' }, 'de'],
    [{ 'accept-language': 'fr, zh-CN;q=0.8, en;q=0.5' }, 'zh'],
    [{ 'accept-language': 'en;q=0.2, de;q=0.9' }, 'de'],
    [{ 'accept-language': 'de;q=0, fr' }, 'en'],
    [{ 'accept-language': 'de', cookie: 'theme=dark; language=zh' }, 'zh'],
    [{ 'accept-language': 'de', cookie: 'language=xx' }, 'de'],
    [{ 'accept-language': ';;;q=,'.repeat(10_000) }, 'en'],
  ] as const)('with the headers %o is %s', (headers, language) => expect(asked(headers)).toBe(language));
});

describe('every language', () => {
  test.each(LANGUAGES.map((words) => [words.language, words] as const))('%s has the same placeholders', (_, words) => {
    const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    const translated = new Map(sentencesOf(words));
    for (const [key, text] of sentencesOf(en)) {
      if (key.startsWith('answerErrors.')) continue;
      expect(translated.get(key), key).toBeTruthy();
      expect(placeholders(translated.get(key)!), key).toEqual(placeholders(text));
    }
  });
});

test('an error has one title, on the page and in the API', () => {
  const titles = Object.entries(ERRORS).map(([code, { title }]) => [code, title]);
  expect(en.errors).toMatchObject(Object.fromEntries(titles));
});

test('every other language has a sentence for each way an answer can fail', () => {
  const codes = Object.keys(STREAM_ERRORS).sort();
  for (const words of LANGUAGES.filter(({ language }) => language !== 'en'))
    expect(Object.keys(words.answerErrors).sort(), words.language).toEqual(codes);
});

test('an answer that is rendered without a page has the words of the English pages', () => {
  expect(ENGLISH_LABELS).toEqual(en.answer.labels);
});

function* sentencesOf(value: object, path = ''): Generator<[string, string]> {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') yield [path + key, inner];
    else yield* sentencesOf(inner as object, `${path}${key}.`);
  }
}

test('fill replaces the values that are given, and nothing else', () => {
  expect(fill('{a} of {b} {c}', { a: 1, b: '{a}' })).toBe('1 of {a} {c}');
  expect(fill('{constructor}', {})).toBe('{constructor}');
});

test('a problem is shown in the language of the page', () => {
  const [, de] = LANGUAGES;
  const problem = { code: 'rate_limited', message: 'Too many requests. Wait 3 s.' };
  expect(problemSentence(en, problem)).toBe(problem.message);
  expect(problemSentence(de!, problem)).toBe(de!.errors.rate_limited);
  expect(problemSentence(de!, { code: '__proto__', message: 'as it came' })).toBe('as it came');
  expect(answerErrorSentence(de!, 'stalled', 'It stalled.')).toBe(de!.answerErrors.stalled);
  expect(answerErrorSentence(en, 'stalled', 'It stalled.')).toBe('It stalled.');
});

test('no component outside this folder contains a text that people read, except /plain', () => {
  const found = componentFiles().flatMap((file) => textsIn(file));
  expect(found).toEqual([]);
});

/** `/plain` is a page for developers, in English. */
const NOT_PAGES = new Set(['app/routes/plain.tsx']);

function componentFiles(): string[] {
  const files = readdirSync(inRoot('app'), { recursive: true, encoding: 'utf8' });
  return files
    .map((file) => join('app', file))
    .filter((file) => file.endsWith('.tsx') && !file.endsWith('.test.tsx') && !NOT_PAGES.has(file));
}

const READ_ATTRIBUTES = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label']);
/** Names and keys, which are the same in every language. */
const SAME_EVERYWHERE = new Set(['Rejoin']);

/** Texts and readable attributes that are written into a component. */
function textsIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(inRoot(file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const add = (text: string) => {
    const trimmed = text.trim();
    if (/\p{L}{2}/u.test(trimmed) && !SAME_EVERYWHERE.has(trimmed)) found.push(`${file}: ${trimmed}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) add(node.text);
    if (ts.isJsxAttribute(node) && READ_ATTRIBUTES.has(node.name.getText()) && node.initializer) {
      if (ts.isStringLiteral(node.initializer)) add(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
