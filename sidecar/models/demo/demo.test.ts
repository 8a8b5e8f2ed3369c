import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import { collect, fold, request, textOf, types, userMessage } from '../testing/collect.ts';
import { createDemoModel, pauseMs, pieces } from './demo.ts';

const now = () => new Date('2026-03-02T17:05:00Z');
const demo = createDemoModel({ speed: Infinity, now });
const later = createDemoModel({ speed: Infinity, now: () => new Date('2026-03-02T18:00:00Z') });

const conversation = (...questions: string[]) =>
  questions.map((question, index) => userMessage(question, `q${index + 1}`));
const ask = async (...questions: string[]) =>
  (await collect(demo, request({ messages: conversation(...questions) }))).chunks;

const QUESTIONS = [
  'What is this?',
  'Hello!',
  'Write a function that sorts',
  'What time is it in Tokyo?',
  'Erzähl mir was',
];

describe('the demo', () => {
  test('streams an answer with all kinds of markdown, and says that it is the demo', async () => {
    for (const questions of [['What is this?'], ['What is this?', 'And inside?']]) {
      const text = textOf(await ask(...questions));
      expect(text).toMatch(/^\*\*This is the demo model\*\*, not an AI/);
      expect(text).toMatch(/^## /m);
      expect(text).toMatch(/^(- |1\. )/m);
      expect(text).toMatch(/^```\w+\n[^`]+\n```$/m);
      expect(text).toMatch(/^\| --- \| --- \|/m);
      expect(text).toMatch(/\p{Script=Han}/u);
      expect(text).toMatch(/\p{Extended_Pictographic}/u);
    }
  });

  test('streams in the order of a real model, its reasoning first', async () => {
    expect(types(await ask('What is this?'))).toEqual([
      'start-step',
      'reasoning-start',
      'reasoning-delta',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-end',
      'finish-step',
      'finish',
    ]);
  });

  test('answers a question in small pieces within 15 to 30 seconds, and a greeting within 8 seconds', async () => {
    const seconds = (chunks: Chunk[]) =>
      chunks
        .filter((chunk) => chunk.type.endsWith('-delta'))
        .reduce((sum, chunk, index) => sum + pauseMs(String(chunk.delta), index) / 1000, 0);
    for (const questions of [['What is this?'], ['What is this?', 'And inside?']]) {
      const chunks = await ask(...questions);
      expect(seconds(chunks)).toBeGreaterThan(15);
      expect(seconds(chunks)).toBeLessThan(30);
      expect(Math.max(...chunks.map((chunk) => String(chunk.delta ?? '').length))).toBeLessThan(60);
    }
    expect(seconds(await ask('Hi'))).toBeLessThan(8);
  });

  test('greets back, quotes a message that it cannot answer, and answers a second message differently', async () => {
    expect(textOf(await ask('Hello there'))).toMatch(/^Hello!/);
    expect(textOf(await ask('Write some python'))).toContain(
      'cannot write the code you asked for (“Write some python”)',
    );
    expect(textOf(await ask('Why is the sky blue?'))).toContain('cannot answer your question (“Why is the sky blue?”)');
    expect(textOf(await ask('xyzzy'))).toContain('(“xyzzy”)');
    expect(textOf(await ask('What?'))).not.toBe(textOf(await ask('What?', 'What?')));
  });

  test("quotes the beginning of a person's text as plain words", async () => {
    const text = textOf(await ask('<img src=x> **bold** [link](javascript:1) ``` '.repeat(9)));
    const quote = /“(.*?)”/.exec(text)![1]!;
    expect(quote).not.toMatch(/[<>*[\]()`]/);
    expect(quote.length).toBeLessThan(70);
  });

  test.each([
    ['What time is it in New York right now?', '12:05', 'America/New_York'],
    ['what time is it', '17:05', 'UTC'],
    ['Wie spät ist es in München?', '18:05', 'Europe/Berlin'],
    ['the time in Atlantis please', '17:05', 'UTC'],
  ])('looks up the time with the tool: %s', async (question, time, zone) => {
    const chunks = await ask(question);
    expect(types(chunks)).toEqual([
      'start-step',
      'reasoning-start',
      'reasoning-delta',
      'reasoning-end',
      'tool-input-start',
      'tool-input-delta',
      'tool-input-available',
      'tool-output-available',
      'finish-step',
      'start-step',
      'text-start',
      'text-delta',
      'text-end',
      'finish-step',
      'finish',
    ]);
    expect(fold(chunks).parts.find((part) => part.type === 'tool-current_time')).toMatchObject({
      state: 'output-available',
      output: { time, timeZone: zone },
    });
    expect(textOf(chunks)).toContain(`**${time}**`);
    expect(textOf(chunks)).toContain(zone);
  });
});

describe('the same conversation', () => {
  test.each(QUESTIONS)('gets the same answer: %s', async (question) => {
    expect(await ask(question)).toEqual(await ask(question));
  });

  test.each(QUESTIONS)('gets the rest of a cut answer, and no finished tool runs again: %s', async (question) => {
    const messages = conversation(question);
    const whole = await ask(question);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const partial = fold(whole.slice(0, cut));
      const { chunks } = await collect(later, request({ messages, partial }));
      const resumed = continued(whole.slice(0, cut), chunks);
      expect(chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' });
      const hadResult = partial.parts.some((part) => part.state === 'output-available');
      expect(chunks.some((chunk) => chunk.type === 'tool-output-available')).toBe(
        question.includes('time') && !hadResult,
      );
      if (!question.includes('time') || hadResult) expect(messageText(resumed)).toBe(textOf(whole));
    }
  });

  test('gets the whole answer after the partial answer of another model', async () => {
    const partial = { id: 'a1', role: 'assistant' as const, parts: [{ type: 'text', text: 'Another beginning.' }] };
    const { chunks } = await collect(demo, request({ messages: conversation('What is this?'), partial }));
    expect(textOf(chunks)).toBe(`\n\n${textOf(await ask('What is this?'))}`);
  });
});

/**
 * The message after a takeover, made from the chunks of two calls. Parts that the first call left open are ended before the
 * chunks of the second call.
 */
function continued(before: Chunk[], after: Chunk[]) {
  const open = new Set<unknown>();
  for (const chunk of before) {
    if (/^(text|reasoning)-start$/.test(chunk.type)) open.add(chunk.id);
    if (/^(text|reasoning)-end$/.test(chunk.type)) open.delete(chunk.id);
  }
  const renamed = after.map((chunk) => ('id' in chunk ? { ...chunk, id: `next:${String(chunk.id)}` } : chunk));
  return fold([...before, ...[...open].map((id) => ({ type: 'text-end', id })), ...renamed]);
}

describe('an abort', () => {
  test('ends the answer at once and without an error', async () => {
    const abort = new AbortController();
    const asked = request({ messages: conversation('What is this?'), signal: abort.signal });
    const slow = createDemoModel({ speed: 1, now });
    setTimeout(() => abort.abort(), 100);
    const startedMs = performance.now();
    const { chunks, error } = await collect(slow, asked);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(error).toBeNull();
    expect(chunks.some((chunk) => chunk.type === 'finish')).toBe(false);
  });
});

test('a piece is a word, or it is one or two CJK characters; all pieces joined are the text', () => {
  for (const text of [
    '',
    '  a  b ',
    '\n\n日本語の文字も、中文也一样\n',
    'a👩‍💻b 한국어도 ',
    ' \t\n',
    '```sh\n# x\n```\n',
  ]) {
    expect(pieces(text).join('')).toBe(text);
  }
  expect(pieces('one two\n\nthree 日本語')).toEqual(['one', ' two', '\n\nthree', ' 日本', '語']);
});
