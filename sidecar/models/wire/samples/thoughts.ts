import {
  BOTH,
  DONE,
  failed,
  HALF,
  inPieces,
  o,
  openai,
  REST_OF_TEXT,
  say,
  STOP,
  TEXT,
  whole,
  type Sample,
} from './sample.ts';

const thought = { ...whole, reasoning: 'Hm. Fish.' };

/** Thoughts that a server sends in separate fields or inside the text. They become reasoning and are left out of the text. */
export const THOUGHTS: readonly Sample[] = [
  openai('in tags, before an empty line', say('<think>\nHm. Fish.\n</think>\n\n') + BOTH + STOP, thought),
  ...[1, 2, 3, 5, 8].map((size) =>
    openai(
      `in tags that are cut over deltas of ${size} characters`,
      inPieces(`<think>\nHm. Fish.\n</think>\n\n${TEXT}`, size),
      thought,
    ),
  ),
  openai('before a closing tag that has no opening tag', inPieces(`Hm. Fish.\n</think>\n\n${TEXT}`, 7), thought),
  openai(
    'in reasoning_content (DeepSeek)',
    o({ reasoning_content: 'Hm. ' }) + o({ reasoning_content: 'Fish.', content: null }) + BOTH + STOP,
    thought,
  ),
  openai('in reasoning (vLLM, Ollama, OpenRouter)', o({ reasoning: 'Hm. Fish.', content: '' }) + BOTH + STOP, thought),
  openai(
    'in reasoning, and again in reasoning_details (OpenRouter)',
    o({
      content: '',
      reasoning: 'Hm. Fish.',
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm. Fish.', format: 'unknown', index: 0 }],
    }) +
      BOTH +
      STOP,
    thought,
  ),
  openai(
    'in encrypted reasoning_details (OpenRouter)',
    o({
      content: '',
      reasoning: null,
      reasoning_details: [{ type: 'reasoning.encrypted', data: 'c2VjcmV0', index: 0 }],
    }) +
      BOTH +
      STOP,
    whole,
  ),
  openai('in thinking', o({ thinking: 'Hm. Fish.' }) + BOTH + STOP, thought),
  openai('in an object of thinking', o({ thinking: { content: 'Hm. Fish.' } }) + BOTH + STOP, thought),
  openai('in an object of reasoning', o({ reasoning: { text: 'Hm. Fish.' } }) + BOTH + STOP, thought),
  openai(
    'in blocks of thinking (LiteLLM)',
    o({
      reasoning_content: 'Hm. Fish.',
      thinking_blocks: [{ type: 'thinking', thinking: 'Hm. Fish.', signature: null }],
      content: '',
    }) +
      BOTH +
      STOP,
    thought,
  ),
  openai(
    'in blocks of thinking alone (LiteLLM)',
    o({ thinking_blocks: [{ type: 'thinking', thinking: 'Hm. Fish.', signature: 'c2ln' }], content: '' }) + BOTH + STOP,
    thought,
  ),
  openai(
    'in a part of the content (Mistral)',
    o({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm. Fish.' }], closed: true }] }) +
      o({ content: [{ type: 'text', text: TEXT }] }) +
      STOP,
    thought,
  ),
  openai(
    'in the same frame as the first words',
    o({ reasoning_content: 'Hm. Fish.', content: HALF }) + say(REST_OF_TEXT) + STOP,
    thought,
  ),
  openai(
    'in a field and in tags',
    o({ reasoning_content: 'Hm. ' }) + say('<think>Fish.</think>') + BOTH + STOP,
    thought,
  ),
  openai(
    'in a field, with the closing tag left in the text',
    o({ reasoning_content: 'Hm. Fish.' }) + say('</think>\n\n') + BOTH + STOP,
    thought,
  ),
  openai('in tags that hold nothing', say('<think>\n\n</think>\n\n') + BOTH + STOP, whole),
  openai('in tags after white space', say('\n\n') + say('<think>Hm. Fish.</think>') + BOTH + STOP, thought),
  openai('in other tags (Magistral)', inPieces(`[THINK]Hm. Fish.[/THINK]${TEXT}`, 4), thought),
  openai('in other tags (Seed)', inPieces(`<seed:think>Hm. Fish.</seed:think>${TEXT}`, 4), thought),
  openai('in capitals', inPieces(`<THINK>Hm. Fish.</THINK>${TEXT}`, 4), thought),
  openai(
    'in two blocks of tags, one after the other',
    inPieces(`<think>Hm. </think>\n<think>Fish.</think>\n\n${TEXT}`, 6),
    { ...whole, reasoning: 'Hm.Fish.' },
  ),
  openai(
    'in channels (gpt-oss)',
    inPieces(
      `<|channel|>analysis<|message|>Hm. Fish.<|end|><|start|>assistant<|channel|>final<|message|>${TEXT}<|return|>`,
      9,
    ),
    thought,
  ),
  openai('in tags that never end, and the limit is reached', say('<think>Hm. Fish.') + o({}, 'length') + DONE, {
    ...failed('thinking_limit'),
    reasoning: 'Hm. Fish.',
  }),
  openai('in tags that never end', say('<think>Hm. Fish.') + STOP, {
    ...failed('empty_answer'),
    reasoning: 'Hm. Fish.',
  }),
  openai('in a field, without an answer after them', o({ reasoning_content: 'Hm. Fish.' }) + STOP, {
    ...failed('empty_answer'),
    reasoning: 'Hm. Fish.',
  }),
  openai('in a field, and the limit is reached', o({ reasoning_content: 'Hm. Fish.' }) + o({}, 'length') + DONE, {
    ...failed('thinking_limit'),
    reasoning: 'Hm. Fish.',
  }),
  openai(
    'in a field, and the connection breaks',
    o({ reasoning_content: 'Hm. Fish.' }),
    { ...failed('connection_lost'), reasoning: 'Hm. Fish.' },
    { end: 'reset' },
  ),
  openai('after the answer, in the wrong order', BOTH + o({ reasoning_content: 'Hm. Fish.' }) + STOP, thought),
  openai('between the words', say(HALF) + o({ reasoning_content: 'Hm. Fish.' }) + say(REST_OF_TEXT) + STOP, thought),
  openai('none, but the text mentions tags', inPieces(`Write <think> to think and </think> to end.`, 5), {
    text: 'Write <think> to think and </think> to end.',
    code: null,
  }),
  openai('none, but the text mentions tags in code', inPieces('`<think>` opens, `</think>` closes.', 3), {
    text: '`<think>` opens, `</think>` closes.',
    code: null,
  }),
  openai('none, but the text begins like a tag', inPieces('<thin ice> is risky.', 2), {
    text: '<thin ice> is risky.',
    code: null,
  }),
];
