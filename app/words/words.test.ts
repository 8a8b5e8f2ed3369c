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

describe('each English sentence, with its placeholders,', () => {
  test.each(LANGUAGES.map((words) => [words.language, words] as const))('is translated in %s', (_, words) => {
    const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    const translated = new Map(sentencesOf(words));
    for (const [key, text] of sentencesOf(en)) {
      if (key.startsWith('answerErrors.')) continue;
      expect(translated.get(key), key).toBeTruthy();
      expect(placeholders(translated.get(key)!), key).toEqual(placeholders(text));
    }
  });
});

test('English pages show the same title for an error as the API', () => {
  const titles = Object.entries(ERRORS).map(([code, { title }]) => [code, title]);
  expect(en.errors).toMatchObject(Object.fromEntries(titles));
});

test('every language but English has a sentence for each way in which an answer can fail', () => {
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

test('fill replaces the placeholders for which it has values, and nothing else', () => {
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
  const found = componentFiles().flatMap((file) => textsIn(file, readFileSync(inRoot(file), 'utf8')));
  expect(found).toEqual([]);
});

test.each([
  ["<p>{'Hello'}</p>", ['Hello']],
  ["<p>{isOpen && 'Hello'}{isOpen ? <b>Bold</b> : 'Closed'}</p>", ['Hello', 'Closed', 'Bold']],
  ['<p>{name ?? `Hello ${name} there`}</p>', ['Hello', 'there']],
  ["<p>{(name || ('Nobody' as string))!}</p>", ['Nobody']],
  ["<p>{names.map(() => { return 'Item'; })}{names.join(' and ')}</p>", ['Item', 'and']],
  ["<p>{fill('Hello {name}', { name })}</p>", ['Hello {name}']],
  ["const said = isNew ? 'New' : words.old; const page = <p>{said}</p>", ['New']],
  ["<img alt={isNew ? 'A new one' : words.old} className={'wide'} />", ['A new one']],
  ["<p>{kind === 'live' && words.live}{format(bytes, 'bytes')}{words.of['live']}</p>", []],
  ["<p>{names.map((name) => <b key={'key'}>{name}</b>)}</p>", []],
])('in %s the check finds %j', (code, expected) => {
  expect(textsIn('page.tsx', code)).toEqual(expected.map((text) => `page.tsx: ${text}`));
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
/** Names that are the same in every language. */
const SAME_EVERYWHERE = new Set(['Rejoin', 'UTC']);

/** The texts in a component's code that people read: in elements and in `READ_ATTRIBUTES`, also inside `{…}`. */
function textsIn(file: string, code: string): string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const constants = new Map<string, ts.Expression>();
  const found = new Map<ts.Node, string>();
  const add = (node: ts.Node & { text: string }) => {
    const trimmed = node.text.trim();
    if (/\p{L}{2}/u.test(trimmed) && !SAME_EVERYWHERE.has(trimmed)) found.set(node, `${file}: ${trimmed}`);
  };
  const seen = new Set<ts.Node>();
  /**
   * Adds the texts that are shown where the expression stands. Ignores conditions, and the arguments of functions other than `fill`,
   * `join` and `map`.
   */
  const addTexts = (node: ts.Node | undefined): void => {
    if (!node || seen.has(node)) return;
    seen.add(node);
    if (ts.isStringLiteralLike(node)) add(node);
    else if (ts.isTemplateExpression(node)) {
      for (const part of [node.head, ...node.templateSpans.map(({ literal }) => literal)]) add(part);
      for (const { expression } of node.templateSpans) addTexts(expression);
    } else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(addTexts);
    else if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      if (kind === ts.SyntaxKind.AmpersandAmpersandToken) addTexts(node.right);
      else if (VALUE_OPERATORS.has(kind)) [node.left, node.right].forEach(addTexts);
    } else if (ts.isCallExpression(node)) {
      const { expression: callee } = node;
      if (ts.isIdentifier(callee) && callee.text === 'fill') addTexts(node.arguments[0]);
      if (!ts.isPropertyAccessExpression(callee)) return;
      if (callee.name.text === 'join') [callee.expression, ...node.arguments].forEach(addTexts);
      if (callee.name.text === 'map') node.arguments.forEach(addTexts);
    } else if (ts.isArrayLiteralExpression(node)) node.elements.forEach(addTexts);
    else if (ts.isArrowFunction(node)) (ts.isBlock(node.body) ? returnsOf(node.body) : [node.body]).forEach(addTexts);
    else if (ts.isIdentifier(node)) addTexts(constants.get(node.text));
    else if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node))
      addTexts(node.expression);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) add(node);
    if (ts.isJsxAttribute(node)) {
      const { name, initializer } = node;
      if (READ_ATTRIBUTES.has(name.getText())) {
        addTexts(initializer && ts.isJsxExpression(initializer) ? initializer.expression : initializer);
      }
    } else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) addTexts(node.expression);
    ts.forEachChild(node, visit);
  };
  const remember = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      constants.set(node.name.text, node.initializer);
    ts.forEachChild(node, remember);
  };
  remember(source);
  visit(source);
  return [...found.values()];
}

const VALUE_OPERATORS = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/** The expressions that a function with this body returns. Returns of functions inside the body are left out. */
function returnsOf(body: ts.Node): ts.Expression[] {
  const found: ts.Expression[] = [];
  ts.forEachChild(body, (node) => {
    if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
    else if (!ts.isFunctionLike(node)) found.push(...returnsOf(node));
  });
  return found;
}
