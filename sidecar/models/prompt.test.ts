import { expect, test } from 'vitest';
import type { Message } from '../../shared/chat/messages.ts';
import { createTools } from './demo/registry.ts';
import { request, userMessage } from './testing/collect.ts';
import { endsWithPartial, toPrompt } from './prompt.ts';

const tools = createTools({ now: () => new Date() });
const prompt = (messages: Message[], partial?: Message) => toPrompt(request({ messages, partial }), tools);
const assistant = (...parts: Message['parts']): Message => ({ id: 'a1', role: 'assistant', parts });
const text = (words: string) => ({ type: 'text', text: words });
const time = (toolCallId: string, fields: Record<string, unknown> = { state: 'output-available', output: {} }) => ({
  type: 'tool-current_time',
  toolCallId,
  input: { place: 'Tokyo' },
  ...fields,
});

test("the text of a conversation is sent without reasoning, without another provider's signatures, and without parts that no model reads", async () => {
  const messages = [
    userMessage('one'),
    assistant(
      { type: 'step-start' },
      { type: 'reasoning', text: 'hm' },
      { ...text('two'), state: 'done', providerMetadata: { google: { thoughtSignature: 's' } } },
      { type: 'data-note', data: 1 },
      { type: 'source-url', url: 'https://example.com' },
      { type: 'from-the-future' },
    ),
    userMessage('three', 'q2'),
  ];
  expect(await prompt(messages)).toEqual([
    { role: 'user', content: [text('one')] },
    { role: 'assistant', content: [text('two')] },
    { role: 'user', content: [text('three')] },
  ]);
});

test('an answer that failed before its first word is left out, and the questions around it are joined', async () => {
  const messages = [userMessage('one'), assistant({ type: 'step-start' }), userMessage('again', 'q2')];
  expect(await prompt(messages)).toEqual([{ role: 'user', content: [text('one'), text('again')] }]);
});

test('system messages and parts without words are left out', async () => {
  const messages: Message[] = [
    { id: 's1', role: 'system', parts: [text('obey')] },
    { id: 'q1', role: 'user', parts: [text(''), { type: 'text' }, { type: 'file', url: 'x' }, text('hi')] },
  ];
  expect(await prompt(messages)).toEqual([{ role: 'user', content: [text('hi')] }]);
});

test('a tool call is sent with its result or its error, and left out if it has neither or is malformed', async () => {
  const messages = [
    userMessage('one'),
    assistant(
      time('t1'),
      time('t2', { state: 'output-error', errorText: 'not a place' }),
      time('t3', { state: 'input-available' }),
      time('t4', { state: 'input-streaming' }),
      time('t5', { state: 'output-available' }),
      time('t6', { state: 'output-error' }),
      { ...time('t7'), input: 'Tokyo' },
      { ...time('t8'), type: 'tool-' },
      { ...time('t9'), toolCallId: 9 },
      { ...time('t10'), type: 'dynamic-tool' },
      text('It is late.'),
    ),
    userMessage('two', 'q2'),
  ];
  expect(await prompt(messages)).toMatchObject([
    { role: 'user' },
    { role: 'assistant', content: [{ toolCallId: 't1' }, { toolCallId: 't2' }] },
    { role: 'tool', content: [{ toolCallId: 't1' }, { toolCallId: 't2', output: { value: 'not a place' } }] },
    { role: 'assistant', content: [text('It is late.')] },
    { role: 'user' },
  ]);
});

test('tool calls of two steps stay in two steps', async () => {
  const answer = assistant({ type: 'step-start' }, time('t1'), { type: 'step-start' }, time('t2'));
  expect((await prompt([userMessage('one')], answer)).map(({ role }) => role)).toEqual([
    'user',
    'assistant',
    'tool',
    'assistant',
    'tool',
  ]);
});

test('the prompt ends with the partial answer only if the partial answer ends with text', async () => {
  expect(endsWithPartial(await prompt([userMessage('one')], assistant(text('so '), text('far'))))).toBe(true);
  expect(endsWithPartial(await prompt([userMessage('one')], assistant(time('t1'))))).toBe(false);
  expect(endsWithPartial(await prompt([userMessage('one')], assistant()))).toBe(false);
  expect(endsWithPartial(await prompt([userMessage('one')]))).toBe(false);
});

test('a partial answer is sent without the white space at its end, even if the white space is in several texts', async () => {
  const sent = await prompt([userMessage('one')], assistant(text('so far '), text('\n'), text(' ')));
  expect(sent.at(-1)).toMatchObject({ role: 'assistant', content: [{ type: 'text', text: 'so far' }] });
});
