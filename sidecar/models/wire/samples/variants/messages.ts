import {
  askedFor,
  BOTH,
  DONE,
  ev,
  failed,
  HALF,
  json,
  o,
  openai,
  OSLO,
  piece,
  REST_OF_TEXT,
  say,
  STOP,
  TEXT,
  whole,
  type Sample,
} from '../sample.ts';

const frame = (message: object, finish: unknown = null, top: object = {}): object => ({
  ...top,
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
});
const msg = (content: string, finish: unknown = null, top: object = {}): string => ev(frame({ content }, finish, top));
const lines = (...all: object[]): string => all.map((line) => `${JSON.stringify(line)}\n`).join('');
/** DashScope's own form. */
const dash = (content: string, finish = 'null'): string =>
  ev({ output: frame({ content }, finish), usage: { total_tokens: 9 }, request_id: 'x' });
const calls = (args: string, finish: unknown = null): string =>
  ev(frame({ content: '', tool_calls: [piece(args, { id: 'a' })] }, finish));
const choice = (content: string, index = 0): object => ({ index, delta: { content }, finish_reason: null });
const choices = (...all: object[]): string => ev({ choices: all });
const lost = failed('connection_lost', HALF);
const thought = { ...whole, reasoning: 'Hm. Fish.' };
const part = (type: string, fields: object): string => o({ content: [{ type, ...fields }] });

/** Answers that come as a `message` in each frame in place of a `delta`, and the parts that content can consist of. */
export const MESSAGES: readonly Sample[] = [
  openai('each message has only new words', msg(HALF) + msg(REST_OF_TEXT) + msg('', 'stop') + DONE, whole),
  openai('each message has all words so far', msg(HALF) + msg(TEXT) + msg(TEXT, 'stop') + DONE, whole),
  openai(
    'each message has all words so far, and a byte of the last character was missing',
    msg('A fox: ') + msg('A fox: \ufffd') + msg('A fox: 🦊 runs.') + msg('A fox: 🦊 runs.', 'stop'),
    { text: 'A fox: 🦊 runs.', code: null },
  ),
  openai(
    'each message has new words, and the last one has all words',
    msg(HALF) + msg('fish ') + msg('for months.') + msg(TEXT, 'stop'),
    whole,
  ),
  openai('DashScope: new words', dash(HALF) + dash(REST_OF_TEXT) + dash('', 'stop'), whole),
  openai('DashScope: all words so far', dash(HALF) + dash(TEXT) + dash(TEXT, 'stop'), whole),
  openai('DashScope: the connection breaks', dash(HALF), lost, { end: 'reset' }),
  openai('one message without a reason, and the connection breaks', msg(HALF), lost, { end: 'reset' }),
  openai('one message without a reason, and the connection closes', msg(HALF), lost),
  openai('one message with the reason "null", and the connection closes', msg(HALF, 'null'), lost),
  openai(
    'two messages of the type chat.completion, without a reason',
    msg('Salt ', null, { object: 'chat.completion' }) + msg('keeps ', null, { object: 'chat.completion' }),
    lost,
  ),
  openai('a reason in every message, and the connection breaks', msg('Salt ', 'stop') + msg('keeps ', 'stop'), lost, {
    end: 'reset',
  }),
  openai(
    'an empty delta beside each message',
    [HALF, TEXT]
      .map((content) =>
        ev({ choices: [{ delta: { role: 'assistant', content: '' }, message: { content }, finish_reason: null }] }),
      )
      .join('') + STOP,
    whole,
  ),
  openai('JSON lines with new words', lines(frame({ content: HALF }), frame({ content: REST_OF_TEXT }, 'stop')), whole),
  openai(
    'JSON lines with all words so far',
    lines(frame({ content: HALF }), frame({ content: TEXT }), frame({ content: TEXT }, 'stop')),
    whole,
  ),
  openai('one JSON line without a reason, and the connection breaks', lines(frame({ content: HALF })), lost, {
    end: 'reset',
  }),
  openai('one JSON line without a reason, and the connection closes', lines(frame({ content: HALF })), lost),
  openai('two JSON lines without a reason', lines(frame({ content: 'Salt ' }), frame({ content: 'keeps ' })), lost),
  openai(
    'one JSON document of the type chat.completion whose reason is null',
    JSON.stringify(frame({ content: TEXT }, null, { object: 'chat.completion' })),
    whole,
    { headers: json },
  ),
  openai(
    'thoughts in messages, all of them so far',
    ev(frame({ content: '', reasoning_content: 'Hm. ' })) +
      ev(frame({ content: '', reasoning_content: 'Hm. Fish.' })) +
      ev(frame({ content: TEXT, reasoning_content: 'Hm. Fish.' }, 'stop')) +
      DONE,
    thought,
  ),
  openai(
    'thoughts in deltas, then the whole message',
    o({ reasoning_content: 'Hm. Fish.' }) + ev(frame({ content: TEXT, reasoning_content: 'Hm. Fish.' }, 'stop')),
    thought,
  ),
  openai('a call in messages, in pieces', calls('{"place":') + calls('"Oslo"}') + calls('', 'tool_calls'), {
    ...whole,
    tools: askedFor('Oslo'),
  }),
  openai('a call in messages, all arguments so far', calls('{"place":') + calls(OSLO) + calls(OSLO, 'tool_calls'), {
    ...whole,
    tools: askedFor('Oslo'),
  }),
  openai(
    'a call in messages that is cut',
    calls('{"place":', 'tool_calls') + calls('{"place":"O', 'tool_calls'),
    failed('connection_lost'),
  ),
  openai(
    'half of the words in deltas, and all of them in the last message',
    say('Salt ') + say('keeps ') + ev(frame({ content: TEXT }, 'stop')),
    whole,
  ),
  openai(
    'the whole message after all deltas, of the type chat.completion',
    BOTH + msg(TEXT, 'stop', { object: 'chat.completion' }),
    whole,
  ),

  openai('a part that is a refusal', part('refusal', { refusal: TEXT }) + STOP, whole),
  openai(
    'a part of the type text_delta',
    part('text', { text: HALF }) + part('text_delta', { text: REST_OF_TEXT }) + STOP,
    whole,
  ),
  openai('a part of an unknown type', part('markdown', { markdown: TEXT }) + STOP, whole),
  openai('a part without a type', o({ content: [{ text: TEXT }] }) + STOP, whole),
  openai('parts that are texts', o({ content: [HALF, REST_OF_TEXT] }) + STOP, whole),
  openai('a text in an object', part('text', { text: { value: TEXT, annotations: [] } }) + STOP, whole),
  openai('a number in place of a text', say(HALF) + o({ content: 7 }) + STOP, { text: `${HALF}7`, code: null }),
  openai(
    'parts with tools and media',
    part('tool_use', { text: 'x' }) + part('image_url', { text: 'x' }) + BOTH + STOP,
    whole,
  ),
  ...['reasoning_text', 'reasoning_content', 'thought', 'thinking_delta'].map((type) =>
    openai(`a part of the type ${type}`, part(type, { text: 'Hm. Fish.' }) + BOTH + STOP, thought),
  ),
  openai(
    'a thought in a field named like its type',
    part('reasoning_content', { reasoning_content: 'Hm. Fish.' }) + BOTH + STOP,
    thought,
  ),
  openai('thoughts that are a list of texts', o({ reasoning: ['Hm. ', 'Fish.'] }) + BOTH + STOP, thought),
  openai(
    'a summary in an object of thoughts',
    o({ reasoning: { summary: [{ type: 'summary_text', text: 'Hm. Fish.' }] } }) + BOTH + STOP,
    thought,
  ),
  openai(
    'a summary that is a list',
    o({ reasoning_details: [{ type: 'reasoning.summary', summary: [{ text: 'Hm. Fish.' }] }] }) + BOTH + STOP,
    thought,
  ),
  openai(
    'a refusal with the words of the content',
    o({ content: HALF, refusal: HALF }) + o({ content: REST_OF_TEXT, refusal: REST_OF_TEXT }) + STOP,
    whole,
  ),
  openai(
    'each message has all words so far, and a cursor',
    msg('Salt ▌') + msg('Salt keeps ▌') + msg(TEXT, 'stop') + DONE,
    whole,
  ),
  openai('two choices with index 0', choices(choice(HALF), choice(REST_OF_TEXT)) + STOP, whole),
  openai('choices that count from 1', choices(choice(HALF, 1)) + choices(choice(REST_OF_TEXT, 1)) + DONE, whole),
  openai(
    'choices that count from 1, and the connection breaks',
    choices(choice(HALF, 1)),
    failed('connection_lost', HALF),
    { end: 'reset' },
  ),
  openai('a second choice before the first one', choices(choice('No.', 1)) + BOTH + STOP, whole),
  openai(
    'words and a call in two choices (Copilot)',
    JSON.stringify({
      choices: [
        { index: 0, finish_reason: 'tool_calls', message: { content: 'I look.' } },
        { index: 0, finish_reason: 'tool_calls', message: { tool_calls: [piece(OSLO, { id: 'a' })] } },
      ],
    }),
    { text: `I look.${TEXT}`, code: null, tools: askedFor('Oslo') },
    { headers: json },
  ),
  openai(
    'an empty list of calls beside a message',
    ev({
      choices: [{ delta: { content: '', tool_calls: [] }, message: { content: TEXT }, finish_reason: 'stop' }],
    }) + DONE,
    whole,
  ),
  openai(
    'an empty `function_call` beside a message',
    ev({ choices: [{ delta: { function_call: {} }, message: { content: TEXT }, finish_reason: 'stop' }] }) + DONE,
    whole,
  ),
  openai(
    'an empty delta beside a text',
    ev({ choices: [{ delta: { content: '' }, text: TEXT, finish_reason: 'stop' }] }) + DONE,
    whole,
  ),
];
