import {
  askedFor,
  BOTH,
  DONE,
  ev,
  failed,
  LIMA,
  o,
  openai,
  OSLO,
  piece,
  say,
  TEXT,
  whole,
  type Sample,
} from './sample.ts';

const calls = (pieces: unknown, finish: unknown = null): string => o({ tool_calls: pieces }, finish);
const oslo = { ...whole, tools: askedFor('Oslo') };
const both = { ...whole, tools: askedFor('Oslo', 'Lima') };
const named = (name: string, args: unknown, more: object = {}): object => ({
  index: 0,
  id: 'c1',
  type: 'function',
  function: { name, arguments: args },
  ...more,
});

/** Tool calls. Each call runs at most once. “The reason” in the names is `finish_reason`. */
export const TOOLS: readonly Sample[] = [
  openai(
    'two calls without ids, with one index',
    calls([piece(OSLO)]) + calls([piece(LIMA)]) + calls([], 'tool_calls') + DONE,
    both,
  ),
  openai('an id that is a number', calls([piece(OSLO, { id: 7 })], 'tool_calls') + DONE, oslo),
  openai(
    'a piece without a function',
    calls([piece('{"place":', { id: 'c1' })]) +
      calls([{ index: 0 }]) +
      calls([{ index: 0, function: { arguments: '"Oslo"}' } }], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'two calls with one id',
    calls([piece(OSLO, { id: 'c1' })]) + calls([piece(LIMA, { id: 'c1' })], 'tool_calls') + DONE,
    both,
  ),
  openai(
    'control tokens after the name',
    calls([named('current_time<|channel|>commentary', OSLO)], 'tool_calls') + DONE,
    oslo,
  ),
  openai('arguments that are not JSON', calls([piece('{"place":"Os', { id: 'c1' })], 'tool_calls') + DONE, {
    ...whole,
    tools: [{ errorText: 'The model gave this tool arguments that it cannot read.' }],
  }),
  openai('a tool that does not exist', calls([named('weather', OSLO)], 'tool_calls') + DONE, {
    ...whole,
    tools: [{ errorText: 'There is no tool with this name.' }],
  }),
  openai('arguments as an object', calls([piece({ place: 'Oslo' }, { id: 'c1' })], 'tool_calls') + DONE, oslo),
  openai('arguments encoded twice', calls([piece(JSON.stringify(OSLO), { id: 'c1' })], 'tool_calls') + DONE, oslo),
  openai(
    'arguments in a code block',
    calls([piece(`\`\`\`json\n${OSLO}\n\`\`\``, { id: 'c1' })], 'tool_calls') + DONE,
    oslo,
  ),
  openai(
    'arguments one character at a time',
    calls([piece('', { id: 'c1' })]) +
      [...OSLO].map((sign) => calls([{ index: 0, function: { arguments: sign } }])).join('') +
      calls([], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'arguments first as an empty object, then in pieces',
    calls([piece({}, { id: 'c1' })]) +
      calls([{ index: 0, function: { arguments: '{"place":' } }]) +
      calls([{ index: 0, function: { arguments: '"Oslo"}' } }], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'arguments first as null, then whole',
    calls([piece(null, { id: 'c1' })]) + calls([{ index: 0, function: { arguments: OSLO } }], 'tool_calls') + DONE,
    oslo,
  ),
  openai(
    'arguments first as the text null, then whole',
    calls([piece('null', { id: 'c1' })]) + calls([{ index: 0, function: { arguments: OSLO } }], 'tool_calls') + DONE,
    oslo,
  ),
  ...['{}', '{ }', ' {}\n', 'null', ''].map((first) =>
    openai(
      `the name and the id again in every piece, and ${JSON.stringify(first)} as the first arguments`,
      calls([named('current_time', first)]) +
        calls([named('current_time', '{"place":')]) +
        calls([named('current_time', '"Oslo"}')], 'tool_calls') +
        DONE,
      oslo,
    ),
  ),
  openai(
    'pieces that all have the name and no id, and an empty object first',
    calls([piece({})]) + calls([piece('{"place":')]) + calls([piece('"Oslo"}')], 'tool_calls') + DONE,
    oslo,
  ),
  openai(
    'arguments first as an empty object, and another id in every piece',
    calls([piece({}, { id: 'a' })]) +
      calls([{ index: 0, id: 'b', function: { arguments: '{"place":' } }]) +
      calls([{ index: 0, id: 'c', function: { arguments: '"Oslo"}' } }], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'the name in two pieces, the first with an empty object',
    calls([named('current', {})]) +
      calls([{ index: 0, function: { name: '_time', arguments: OSLO } }], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'two calls without ids, with one index, the first without arguments',
    calls([piece({})]) + calls([piece(OSLO)], 'tool_calls') + DONE,
    {
      ...whole,
      tools: [{ errorText: 'The model gave this tool arguments that it cannot read.' }, ...askedFor('Oslo')],
    },
  ),
  openai(
    'the name in two pieces',
    calls([named('current', '')]) +
      calls([{ index: 0, function: { name: '_time', arguments: OSLO } }], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'the name again in every piece',
    calls([named('current_time', '{"place":')]) + calls([named('current_time', '"Oslo"}')], 'tool_calls') + DONE,
    oslo,
  ),
  openai(
    'the name as null or empty after the first piece',
    calls([named('current_time', '{"place":')]) +
      calls([named('', '"Oslo"', { id: '' })]) +
      calls([{ index: 0, id: null, function: { name: null, arguments: '}' } }], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'another id in every piece (a fork of vLLM)',
    calls([named('current_time', '', { id: 'a' })]) +
      calls([{ index: 0, id: 'b', function: { arguments: '{"place":' } }]) +
      calls([{ index: 0, id: 'c', function: { arguments: '"Oslo"}' } }], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai(
    'two calls in one frame',
    calls([piece(OSLO, { id: 'a' }), piece(LIMA, { id: 'b', index: 1 })], 'tool_calls') + DONE,
    both,
  ),
  openai(
    'two calls in one frame without an index',
    calls([piece(OSLO, { id: 'a', index: undefined }), piece(LIMA, { id: 'b', index: undefined })], 'tool_calls') +
      DONE,
    both,
  ),
  openai(
    'two calls whose pieces alternate',
    calls([piece('{"place":', { id: 'a' }), piece('{"place":', { id: 'b', index: 1 })]) +
      calls([{ index: 1, function: { arguments: '"Lima"}' } }]) +
      calls([{ index: 0, function: { arguments: '"Oslo"}' } }], 'tool_calls') +
      DONE,
    both,
  ),
  openai(
    'two calls that begin at index one (a gateway before Anthropic)',
    calls([piece(OSLO, { id: 'a', index: 1 })]) + calls([piece(LIMA, { id: 'b', index: 2 })], 'tool_calls') + DONE,
    both,
  ),
  openai(
    'the whole call again at the end',
    calls([piece('{"place":', { id: 'a' })]) +
      calls([{ index: 0, function: { arguments: '"Oslo"}' } }]) +
      calls([piece(OSLO, { id: 'a' })], 'tool_calls') +
      DONE,
    oslo,
  ),
  openai('the call as an object in place of a list', calls(piece(OSLO, { id: 'a' }), 'tool_calls') + DONE, oslo),
  openai(
    'the call in the old field function_call',
    o({ function_call: { name: 'current_time', arguments: OSLO } }, 'function_call') + DONE,
    oslo,
  ),
  openai(
    'the call without the field function around it',
    calls([{ index: 0, id: 'a', name: 'current_time', arguments: OSLO }], 'tool_calls') + DONE,
    oslo,
  ),
  openai('the reason is stop', calls([piece(OSLO, { id: 'a' })]) + o({}, 'stop') + DONE, oslo),
  openai('there is no reason', calls([piece(OSLO, { id: 'a' })]) + DONE, oslo),
  openai(
    'the answer is one JSON document',
    JSON.stringify({
      choices: [
        {
          message: { role: 'assistant', content: null, tool_calls: [piece(OSLO, { id: 'a' })] },
          finish_reason: 'tool_calls',
        },
      ],
    }),
    oslo,
  ),
  openai(
    'the answer is one document of Ollama',
    `${JSON.stringify({ message: { role: 'assistant', content: '', tool_calls: [{ function: { name: 'current_time', arguments: { place: 'Oslo' } } }] }, done: true, done_reason: 'stop' })}\n`,
    oslo,
  ),
  openai(
    'tool_calls is null or empty in every frame',
    o({ content: TEXT, tool_calls: null, function_call: null }) + o({ tool_calls: [] }, 'stop') + DONE,
    whole,
  ),
  openai(
    'the reason tool_calls without a call',
    say(TEXT) + o({}, 'tool_calls') + DONE,
    failed('tool_call_failed', TEXT),
  ),
  openai(
    'a call that the limit cut',
    calls([piece('{"place":"Os', { id: 'a' })]) + o({}, 'length') + DONE,
    failed('tool_call_failed'),
  ),
  openai('a call that the connection cut', calls([piece('{"place":"Os', { id: 'a' })]), failed('connection_lost'), {
    end: 'reset',
  }),
  openai('words before the call', say('I look. ') + calls([piece(OSLO, { id: 'a' })], 'tool_calls') + DONE, {
    ...oslo,
    text: `I look. ${TEXT}`,
  }),
  openai(
    'a failure in the stream with the code that Groq uses for a bad call',
    ev({
      error: {
        message: 'Failed to call a function.',
        type: 'invalid_request_error',
        code: 'tool_use_failed',
        failed_generation: '<function=x>',
      },
    }),
    failed('tool_call_failed'),
  ),
  openai(
    'more calls than the limit allows',
    Array.from({ length: 100 }, (_, at) => calls([piece(OSLO, { id: `c${at}`, index: at })])).join('') + BOTH + DONE,
    failed('tool_call_failed', TEXT),
  ),
];
