import {
  askedFor,
  BOTH,
  DONE,
  ev,
  failed,
  HALF,
  LIMA,
  o,
  openai,
  OSLO,
  piece,
  say,
  STOP,
  whole,
  type Sample,
} from '../sample.ts';

const calls = (pieces: unknown, finish: unknown = null): string => o({ tool_calls: pieces }, finish);
const END = calls([], 'tool_calls') + DONE;
const oslo = { ...whole, tools: askedFor('Oslo') };
const both = { ...whole, tools: askedFor('Oslo', 'Lima') };
const more = (args: unknown, rest: object = {}): object => ({ index: 0, function: { arguments: args }, ...rest });
const unread = { ...whole, tools: [{ errorText: 'The model gave this tool arguments that it cannot read.' }] };

/** More tool calls in unusual forms that servers have sent. “Reason” in the names is `finish_reason`. */
export const MORE_TOOLS: readonly Sample[] = [
  openai(
    'the old field function_call in pieces',
    o({ function_call: { name: 'current_time', arguments: '' } }) +
      o({ function_call: { arguments: '{"place":' } }) +
      o({ function_call: { arguments: '"Oslo"}' } }) +
      o({}, 'function_call') +
      DONE,
    oslo,
  ),
  openai(
    'the name again in every piece',
    calls([piece('{"place":', { id: 'a' })]) + calls([piece('"Oslo"}', { id: 'a' })]) + END,
    oslo,
  ),
  openai(
    'an id that is empty in every piece but the first',
    calls([piece('{"place":', { id: 'a' })]) + calls([more('"Oslo"}', { id: '', type: null })]) + END,
    oslo,
  ),
  openai(
    'an index that is a text',
    calls([piece('{"place":', { id: 'a', index: '0' })]) + calls([more('"Oslo"}', { index: '0' })]) + END,
    oslo,
  ),
  openai(
    'an index that is null',
    calls([piece('{"place":', { id: 'a', index: null })]) + calls([more('"Oslo"}', { index: null })]) + END,
    oslo,
  ),
  openai(
    'no index, and an id in the first piece alone',
    calls([piece('{"place":', { id: 'a', index: undefined })]) + calls([more('"Oslo"}', { index: undefined })]) + END,
    oslo,
  ),
  openai(
    'a function that is null in between',
    calls([piece('{"place":', { id: 'a' })]) + calls([{ index: 0, function: null }]) + calls([more('"Oslo"}')]) + END,
    oslo,
  ),
  openai('a piece that is null', calls([piece(OSLO, { id: 'a' }), null]) + END, oslo),
  openai(
    'two calls with one index and two ids (Gemini)',
    calls([piece(OSLO, { id: 'a' })]) + calls([piece(LIMA, { id: 'b' })]) + END,
    both,
  ),
  openai(
    'two calls with one index and two ids, in pieces',
    calls([piece('', { id: 'a' })]) + calls([more(OSLO)]) + calls([piece('', { id: 'b' })]) + calls([more(LIMA)]) + END,
    both,
  ),
  openai(
    'the same call twice, with two ids',
    calls([piece(OSLO, { id: 'a' })]) + calls([piece(OSLO, { id: 'b', index: 1 })]) + END,
    { ...whole, tools: askedFor('Oslo', 'Oslo') },
  ),
  openai('arguments that are empty', calls([piece('', { id: 'a' })]) + END, unread),
  openai('arguments that are null', calls([piece(null, { id: 'a' })]) + END, unread),
  openai('arguments that are a list', calls([piece('["Oslo"]', { id: 'a' })]) + END, unread),
  openai('arguments with a space after them', calls([piece('{"place":"Oslo"} ', { id: 'a' })]) + END, oslo),
  openai('arguments twice (Fireworks)', calls([piece('{"place":"Oslo"}{"place":"Oslo"}', { id: 'a' })]) + END, oslo),
  openai(
    'arguments first as {}, then whole (Anthropic behind a proxy)',
    calls([piece('{}', { id: 'a' })]) + calls([more(OSLO)]) + END,
    oslo,
  ),
  openai(
    'calls in the message of a last frame',
    o({ content: '' }) +
      ev({
        choices: [{ index: 0, message: { tool_calls: [piece(OSLO, { id: 'a' })] }, finish_reason: 'tool_calls' }],
      }) +
      DONE,
    oslo,
  ),
  openai(
    'calls in the message, after the same calls in deltas',
    calls([piece(OSLO, { id: 'a' })]) +
      ev({
        choices: [{ index: 0, message: { tool_calls: [piece(OSLO, { id: 'a' })] }, finish_reason: 'tool_calls' }],
      }) +
      DONE,
    oslo,
  ),
  openai(
    'two reasons: the calls, then stop',
    calls([piece(OSLO, { id: 'a' })], 'tool_calls') + o({}, 'stop') + DONE,
    oslo,
  ),
  openai(
    'a reason in every piece',
    calls([piece('{"place":', { id: 'a' })], 'tool_calls') + calls([more('"Oslo"}')], 'tool_calls') + DONE,
    oslo,
  ),
  openai('a reason in capitals', calls([piece(OSLO, { id: 'a' })], 'TOOL_CALLS') + DONE, oslo),
  openai('the reason tool_use', calls([piece(OSLO, { id: 'a' })], 'tool_use') + DONE, oslo),
  openai(
    'a filter after the call',
    calls([piece(OSLO, { id: 'a' })]) + o({}, 'content_filter') + DONE,
    failed('content_refused'),
  ),
  openai(
    'an error after the call',
    calls([piece(OSLO, { id: 'a' })]) + ev({ error: { message: 'x', code: 500 } }) + DONE,
    failed('provider_failed'),
  ),
  openai(
    'an unknown reason after the call',
    calls([piece(OSLO, { id: 'a' })], 'gave_up') + DONE,
    failed('empty_answer'),
  ),
  openai('the connection breaks after a whole call', calls([piece(OSLO, { id: 'a' })]), failed('connection_lost'), {
    end: 'reset',
  }),
  openai('words after the call', calls([piece(OSLO, { id: 'a' })]) + say(HALF) + o({}, 'tool_calls') + DONE, {
    ...oslo,
    text: `${HALF}${whole.text}`,
  }),
  openai(
    'a reason in every piece, and the connection breaks',
    calls([piece('{"place":', { id: 'a' })], 'tool_calls') + calls([more('"Os')], 'tool_calls'),
    failed('connection_lost'),
    { end: 'reset' },
  ),
  openai(
    'a reason in every piece, and the connection closes in the middle',
    calls([piece('{"place":', { id: 'a' })], 'tool_calls') + calls([more('"Os')], 'tool_calls'),
    failed('connection_lost'),
  ),
  openai(
    'a reason with the first piece alone, and the connection breaks',
    calls([piece('{"place":', { id: 'a' })], 'tool_calls') + calls([more('"Os')]),
    failed('connection_lost'),
    { end: 'reset' },
  ),
  openai(
    'a reason with the first piece alone, and the connection closes',
    calls([piece('', { id: 'a' })], 'stop') + calls([more('{"pla')]),
    failed('connection_lost'),
  ),
  openai(
    'a reason with the first piece alone, and [DONE]',
    calls([piece('{"place":', { id: 'a' })], 'tool_calls') + calls([more('"Oslo"}')]) + DONE,
    oslo,
  ),
  openai(
    'a reason, and the whole call once more after it',
    calls([piece(OSLO, { id: 'a' })], 'tool_calls') + calls([piece(OSLO, { id: 'a' })]),
    oslo,
  ),
  openai(
    'one call in both function_call and tool_calls',
    o({ function_call: { name: 'current_time', arguments: OSLO }, tool_calls: [piece(OSLO, { id: 'a' })] }) + END,
    oslo,
  ),
  openai(
    'one call in both function_call and tool_calls, in pieces',
    ['{"place":', '"Oslo"}']
      .map((args) => o({ function_call: { name: 'current_time', arguments: args }, tool_calls: [piece(args)] }))
      .join('') + END,
    oslo,
  ),
  openai(
    'an index that grows with each piece',
    calls([piece('', { id: 'a' })]) +
      calls([more('{"place":', { index: 1, id: 'a' })]) +
      calls([more('"Oslo"}', { index: 2, id: 'a' })]) +
      END,
    oslo,
  ),
  openai(
    'an index that grows with each piece, without an id',
    calls([piece('{"place":', { id: 'a' })]) + calls([more('"Oslo"}', { index: 1 })]) + END,
    oslo,
  ),
  openai(
    'an index that grows with each piece, and the name in each',
    calls([piece('{"place":', { id: 'a' })]) + calls([piece('"Oslo"}', { id: 'a', index: 1 })]) + END,
    oslo,
  ),
  openai(
    'an index that grows with each piece, and the name in each, without an id',
    calls([piece('{"place":')]) + calls([piece('"Oslo"}', { index: 1 })]) + END,
    oslo,
  ),
  openai(
    'a name with a namespace',
    calls([{ index: 0, id: 'a', function: { name: 'functions.current_time:0', arguments: OSLO } }]) + END,
    oslo,
  ),
  openai(
    'a name with white space',
    calls([{ index: 0, id: 'a', function: { name: ' current_time\n', arguments: OSLO } }]) + END,
    oslo,
  ),
  openai(
    'a name in quotes',
    calls([{ index: 0, id: 'a', function: { name: '"current_time"', arguments: OSLO } }]) + END,
    oslo,
  ),
  openai(
    'a name that is empty',
    calls([{ index: 0, id: 'a', function: { name: '', arguments: OSLO } }]) + END,
    failed('tool_call_failed'),
  ),
  openai(
    'the tool name constructor',
    calls([{ index: 0, id: 'a', function: { name: 'constructor', arguments: OSLO } }]) + END,
    { ...whole, tools: [{ errorText: 'There is no tool with this name.' }] },
  ),
  openai(
    'tool_calls that are false, a text or null',
    o({ tool_calls: false }) + o({ tool_calls: 'none' }) + o({ tool_calls: null }) + BOTH + STOP,
    whole,
  ),
];
