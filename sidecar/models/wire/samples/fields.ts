import { BOTH, DONE, ev, HALF, json, o, openai, REST_OF_TEXT, say, STOP, TEXT, whole, type Sample } from './sample.ts';

const USAGE = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };

/** Fields that are missing, null, of another type or unknown. The answer is complete nevertheless. */
export const FIELDS: readonly Sample[] = [
  openai('usage comes without choices', BOTH + o({}, 'stop') + ev({ id: 'x', usage: USAGE }) + DONE, whole),
  openai(
    'usage comes with choices that are null',
    BOTH + o({}, 'stop') + ev({ choices: null, usage: USAGE }) + DONE,
    whole,
  ),
  openai('the id is a number', o({ content: TEXT }, null, { id: 4711 }) + o({}, 'stop', { id: 4711 }) + DONE, whole),
  openai('the role is user', o({ role: 'user', content: '' }) + BOTH + STOP, whole),
  openai(
    'created is a text, and the model null',
    o({ content: TEXT }, null, { created: 'now', model: null }) + STOP,
    whole,
  ),
  openai(
    'an error is null, false or empty in every frame',
    ['', null, false, {}, []].map((error) => o({ content: '' }, null, { error })).join('') +
      o({ content: TEXT }, null, { error: null }) +
      STOP,
    whole,
  ),
  openai(
    'content is null beside thoughts that are empty',
    o({ content: null, reasoning_content: '' }) + BOTH + o({ content: null }, 'stop') + DONE,
    whole,
  ),
  openai('the delta is null in the last frame (Azure)', BOTH + o(null, 'stop') + DONE, whole),
  openai(
    'the delta is missing in the last frame (Groq)',
    BOTH + ev({ choices: [{ index: 0, finish_reason: 'stop' }] }) + DONE,
    whole,
  ),
  openai(
    'the first frame has no choices, only filter results for the prompt (Azure)',
    ev({
      choices: [],
      created: 0,
      id: '',
      model: '',
      object: '',
      prompt_filter_results: [
        { prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: 'safe' } } },
      ],
    }) +
      BOTH +
      STOP,
    whole,
  ),
  openai(
    'filter results come after the words, in frames without a delta (Azure)',
    BOTH +
      o({}, 'stop') +
      ev({
        choices: [
          { index: 0, finish_reason: null, content_filter_offsets: { check_offset: 44 }, content_filter_results: {} },
        ],
      }) +
      DONE,
    whole,
  ),
  openai(
    'usage is null in every frame but the last (vLLM)',
    o({ content: TEXT }, null, { usage: null }) +
      o({}, 'stop', { usage: null }) +
      ev({ choices: [], usage: USAGE }) +
      DONE,
    whole,
  ),
  openai(
    'usage is in every frame, and its counts are texts or null',
    o({ content: TEXT }, null, { usage: { prompt_tokens: '9', completion_tokens: null } }) + STOP,
    whole,
  ),
  openai(
    'timings come beside the reason (llama.cpp)',
    BOTH + o({}, 'stop', { timings: { prompt_n: 4, predicted_per_second: 31.5 }, usage: USAGE }) + DONE,
    whole,
  ),
  openai(
    'usage comes in a field of the provider (Groq)',
    o({ role: 'assistant', content: '' }, null, { x_groq: { id: 'req_1' } }) +
      BOTH +
      o({}, 'stop', { x_groq: { id: 'req_1', usage: USAGE } }) +
      DONE,
    whole,
  ),
  openai(
    'citations and search results come beside the words (Perplexity)',
    o({ content: TEXT }, null, { citations: ['https://e.org'], search_results: [{ title: 'x' }] }) + STOP,
    whole,
  ),
  openai(
    'choices is one object in place of a list',
    ev({ choices: { index: 0, delta: { content: TEXT }, finish_reason: null } }) + STOP,
    whole,
  ),
  openai(
    'the index of the choice is a text or null',
    ev({ choices: [{ index: '0', delta: { content: HALF } }] }) +
      ev({ choices: [{ index: null, delta: { content: REST_OF_TEXT } }] }) +
      STOP,
    whole,
  ),
  openai(
    'a second choice comes that was not asked for',
    BOTH + ev({ choices: [{ index: 1, delta: { content: 'Another answer.' }, finish_reason: 'stop' }] }) + STOP,
    whole,
  ),
  openai(
    'text comes as in the old completions protocol',
    ev({ object: 'text_completion', choices: [{ index: 0, text: HALF }] }) +
      ev({ choices: [{ index: 0, text: REST_OF_TEXT, finish_reason: 'stop' }] }) +
      DONE,
    whole,
  ),
  openai(
    'content is a list of parts',
    o({
      content: [
        { type: 'text', text: HALF },
        { type: 'text', text: REST_OF_TEXT },
      ],
    }) + STOP,
    whole,
  ),
  openai('content is one part in place of a list', o({ content: { type: 'text', text: TEXT } }) + STOP, whole),
  openai(
    'the reason is in the delta',
    say(HALF) + ev({ choices: [{ index: 0, delta: { content: REST_OF_TEXT, finish_reason: 'stop' } }] }) + DONE,
    whole,
  ),
  openai(
    'the whole message comes again at the end',
    BOTH + ev({ choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }] }) + DONE,
    whole,
  ),
  openai(
    'the whole message comes again beside a delta that is empty',
    BOTH +
      ev({ choices: [{ index: 0, delta: {}, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }] }) +
      DONE,
    whole,
  ),
  openai(
    'the last frame has both a delta and a message',
    say(HALF) +
      ev({
        choices: [{ index: 0, delta: { content: REST_OF_TEXT }, message: { content: TEXT }, finish_reason: 'stop' }],
      }) +
      DONE,
    whole,
  ),
  openai('frames are encoded twice', ev(JSON.stringify({ choices: [{ delta: { content: TEXT } }] })) + STOP, whole),
  openai('a list is around each frame', ev([{ choices: [{ delta: { content: TEXT } }] }]) + STOP, whole),
  openai(
    'a gateway wraps each frame in a field named data',
    ev({ code: 200, data: { choices: [{ delta: { content: TEXT } }] } }) +
      ev({ code: 200, data: { choices: [{ delta: {}, finish_reason: 'stop' }] } }) +
      DONE,
    whole,
  ),
  openai(
    'a gateway adds a status of its own to each frame',
    ev({ status: 'ok', message: 'success', code: 0, choices: [{ delta: { content: TEXT } }] }) + STOP,
    whole,
  ),
  openai(
    'frames of another kind come between (LiteLLM, events with a type)',
    ev({ type: 'ping' }) + say(HALF) + ev({ type: 'info', message: 'queued' }) + say(REST_OF_TEXT) + STOP,
    whole,
  ),
  openai(
    'field names have a meaning in JavaScript',
    o({ content: TEXT, __proto__x: 1, constructor: 'x', toString: null }) +
      '\n' +
      `data: {"__proto__":{"content":"no"},"choices":[{"delta":{"__proto__":{"content":"no"}}}]}\n\n` +
      STOP,
    whole,
  ),
  openai(
    'numbers are too large for JavaScript',
    `data: {"created":1e999,"choices":[{"index":0,"delta":{"content":${JSON.stringify(TEXT)}},"logprobs":{"x":-1e400}}]}\n\n` +
      STOP,
    whole,
  ),
  openai(
    'one field comes twice',
    `data: {"choices":[{"delta":{"content":"no","content":${JSON.stringify(TEXT)}}}]}\n\n` + STOP,
    whole,
  ),
  openai(
    'the answer is one JSON document',
    JSON.stringify({
      id: 'x',
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
      usage: USAGE,
    }),
    whole,
    { headers: json },
  ),
  openai(
    'the answer is one JSON document without a reason, over many lines',
    JSON.stringify({ choices: [{ message: { content: TEXT } }] }, null, 2),
    whole,
    { headers: json },
  ),
  openai(
    'the answer is one JSON document in an event',
    ev({ object: 'chat.completion', choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] }),
    whole,
  ),
  openai('a stream of events has the content type of JSON', BOTH + STOP, whole, { headers: json }),
  openai('a stream of events has the content type of plain text', BOTH + STOP, whole, {
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  }),
  openai('a stream of events has no content type', BOTH + STOP, whole, { headers: {} }),
  openai(
    'there is one JSON document in each line (Ollama’s own protocol)',
    [
      { message: { role: 'assistant', content: HALF }, done: false },
      { message: { content: REST_OF_TEXT }, done: false },
      { message: { content: '' }, done: true, done_reason: 'stop', eval_count: 5 },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
    whole,
    { headers: { 'content-type': 'application/x-ndjson' } },
  ),
];
