import {
  BOTH,
  DONE,
  failed,
  HALF,
  inPieces,
  o,
  openai,
  OSLO,
  piece,
  REST_OF_TEXT,
  say,
  STOP,
  TEXT,
  askedFor,
  whole,
  type Sample,
} from '../sample.ts';

const thought = { ...whole, reasoning: 'Hm. Fish.' };

/** Marks around thoughts in the text, as models write them. */
const marks: readonly [name: string, before: string, after: string][] = [
  ['thinking', '<thinking>', '</thinking>'],
  ['thought (Gemini)', '<thought>', '</thought>'],
  ['reasoning', '<reasoning>', '</reasoning>'],
  ['with an attribute', '<think type="deep">', '</think>'],
  ['with a space', '<think >', '</think >'],
  ['in mixed case', '<Think>', '</THINK>'],
  ['Kimi', '◁think▷', '◁/think▷'],
  ['Cohere', '<|START_THINKING|>', '<|END_THINKING|>'],
  ['OpenThinker', '<|begin_of_thought|>', '<|end_of_thought|>'],
  ['LongCat', '<longcat_think>', '</longcat_think>'],
  ['line ends around the marks', '\n<think>\n', '\n</think>\n'],
  ['a byte order mark before the first mark', '\ufeff<think>', '</think>'],
];

/** Fields that servers use for thoughts. */
const fields: readonly [name: string, ...object[]][] = [
  ['reasoning_text (Copilot)', { reasoning_text: 'Hm. Fish.' }],
  ['thinking_content', { thinking_content: 'Hm. Fish.' }],
  ['thought', { thought: 'Hm. Fish.' }],
  ['a list of parts', { reasoning_content: [{ type: 'text', text: 'Hm. Fish.' }] }],
  ['a summary in details (OpenRouter)', { reasoning_details: [{ type: 'reasoning.summary', summary: 'Hm. Fish.' }] }],
  [
    'details in pieces',
    { reasoning_details: [{ type: 'reasoning.text', text: 'Hm. ' }] },
    { reasoning_details: [{ type: 'reasoning.text', text: 'Fish.' }] },
  ],
  [
    'provider_specific_fields and reasoning_content (LiteLLM)',
    { provider_specific_fields: { reasoning_content: 'Hm. Fish.' }, reasoning_content: 'Hm. Fish.' },
  ],
  [
    'a part of the content named reasoning (Databricks)',
    { content: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm. Fish.' }] }] },
  ],
  [
    'a part of the content named thinking, with a text (Mistral)',
    { content: [{ type: 'thinking', thinking: 'Hm. Fish.' }] },
  ],
  [
    'reasoning, in pieces, with reasoning_content null',
    { reasoning: 'Hm. ', reasoning_content: null },
    { reasoning: 'Fish.', reasoning_content: null },
  ],
  [
    'reasoning_content, in pieces, with reasoning empty',
    { reasoning: '', reasoning_content: 'Hm. ' },
    { reasoning: '', reasoning_content: 'Fish.' },
  ],
  [
    'reasoning and reasoning_content, in pieces',
    { reasoning: 'Hm. ', reasoning_content: 'Hm. ' },
    { reasoning: 'Fish.', reasoning_content: 'Fish.' },
  ],
];

/** Marks around the answer that follows a thought. */
const answers: readonly [name: string, before: string, after: string][] = [
  ['Cohere', '<|START_THINKING|>Hm. Fish.<|END_THINKING|><|START_RESPONSE|>', '<|END_RESPONSE|>'],
  [
    'OpenThinker',
    '<|begin_of_thought|>\n\nHm. Fish.\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n',
    '\n\n<|end_of_solution|>',
  ],
  ['Hunyuan', '<think>\nHm. Fish.\n</think>\n<answer>\n', '\n</answer>'],
  ['Granite', '<think>Hm. Fish.</think><response>', '</response>'],
  ['Apriel', 'Hm. Fish.</think>[BEGIN FINAL RESPONSE]\n', '\n[END FINAL RESPONSE]<|end|>'],
  [
    'gpt-oss without its first mark',
    'analysis<|message|>Hm. Fish.<|end|><|start|>assistant<|channel|>final<|message|>',
    '',
  ],
];

export const MORE_THOUGHTS: readonly Sample[] = [
  ...answers.flatMap(([name, before, after]) =>
    [1, 5, 1000].map((size) =>
      openai(
        `with marks around the answer (${name}), ${size} characters at a time`,
        inPieces(before + TEXT + after, size),
        thought,
      ),
    ),
  ),
  openai('none, but the answer is a tag that was asked for', inPieces('<answer>42</answer>', 3), {
    text: '<answer>42</answer>',
    code: null,
  }),
  ...marks.flatMap(([name, before, after]) =>
    [1, 6, 1000].map((size) =>
      openai(
        `between marks: ${name}, ${size} characters a delta`,
        inPieces(`${before}Hm. Fish.${after}${TEXT}`, size),
        thought,
      ),
    ),
  ),
  ...fields.map(([name, ...deltas]) =>
    openai(`in ${name}`, deltas.map((delta) => o(delta)).join('') + BOTH + STOP, thought),
  ),
  openai('in tags inside tags', inPieces(`<think>Hm. <think>Fish</think>.</think>${TEXT}`, 5), {
    ...whole,
    reasoning: 'Hm. <think>Fish.',
  }),
  openai(
    'in a field that still has its tags',
    o({ reasoning_content: '<think>Hm. ' }) + o({ reasoning_content: 'Fish.</think>' }) + BOTH + STOP,
    thought,
  ),
  openai(
    'in tags, and the thoughts quote the closing tag',
    inPieces(`<think>I close with \`</think>\` later.</think>${TEXT}`, 5),
    {
      text: TEXT,
      code: null,
      reasoning: 'I close with `</think>` later.',
    },
  ),
  openai(
    'in tags, with the answer right after the tags, and the length limit is reached',
    say('<think>Hm. Fish.</think>') + BOTH + o({}, 'length') + DONE,
    { ...thought, isCutOff: true },
  ),
  openai('in tags, and no answer follows', say('<think>Hm. Fish.</think>') + STOP, {
    ...failed('empty_answer'),
    reasoning: 'Hm. Fish.',
  }),
  openai(
    'in tags that never end, and the connection breaks',
    say('<think>Hm. Fish.'),
    { ...failed('connection_lost'), reasoning: 'Hm. Fish.' },
    { end: 'reset' },
  ),
  openai('in tags that never end, with [DONE] and no reason', say('<think>Hm. Fish.') + DONE, {
    ...failed('empty_answer'),
    reasoning: 'Hm. Fish.',
  }),
  openai('none, but the text ends with a part of an opening tag', say(`${TEXT} <thi`) + STOP, {
    text: `${TEXT} <thi`,
    code: null,
  }),
  openai('none, but the text is a part of an opening tag', say('<thi') + STOP, { text: '<thi', code: null }),
  openai('in tags, and the closing tag is cut', say('<think>Hm. Fish.</thi') + o({}, 'length') + DONE, {
    ...failed('thinking_limit'),
    reasoning: 'Hm. Fish.</thi',
  }),
  openai('none, but the text has tags in a code block', inPieces('```xml\n<think>\n</think>\n```\nThat is XML.', 4), {
    text: '```xml\n<think>\n</think>\n```\nThat is XML.',
    code: null,
  }),
  {
    name: 'in tags, before a call and after it',
    reply: (step) => ({
      pieces: [
        step === 0
          ? say('<think>Hm. </think>\n') + o({ tool_calls: [piece(OSLO, { id: 'a' })] }, 'tool_calls') + DONE
          : say('<think>Fish.</think>\n\n') + say(HALF) + say(REST_OF_TEXT) + STOP,
      ],
    }),
    expected: { ...whole, reasoning: 'Hm.Fish.', tools: askedFor('Oslo') },
  },
  ...[
    '</s>',
    '<|endoftext|>',
    '<|end_of_text|>',
    '<end_of_turn>',
    '<|eot_id|>',
    '<｜end▁of▁sentence｜>',
    '<|im_end|>\n',
    '<|end|>',
    '<eos>',
    '[/INST]',
  ].map((token) => openai(`none, but ${token.trim()} is left at the end`, inPieces(TEXT + token, 4), whole)),
];
