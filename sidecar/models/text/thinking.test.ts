import { describe, expect, test } from 'vitest';
import { createFold, type Chunk } from '../../../shared/stream/fold.ts';
import { createThoughtSplitter } from './thinking.ts';

/**
 * Returns the message parts that result from a text in pieces of `size`. `before`: chunks that come before the text. When a
 * `text-was-thought` chunk names a text part, this function turns that part into reasoning, like the code that writes the log
 * (streams/write/model-turn.ts).
 */
function parts(text: string, size: number, before: Chunk[] = []) {
  const split = createThoughtSplitter();
  const fold = createFold('m');
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
  const chunks: Chunk[] = [
    { type: 'start-step' },
    ...before,
    { type: 'text-start', id: 't' },
    ...pieces.map((delta): Chunk => ({ type: 'text-delta', id: 't', delta })),
    { type: 'text-end', id: 't' },
    { type: 'finish-step' },
  ];
  for (const chunk of chunks.flatMap(split)) {
    if (chunk.type !== 'text-was-thought') fold.take(chunk);
    else fold.open.find(({ id }) => id === chunk.id)!.part.type = 'reasoning';
  }
  return fold.message.parts.slice(1).map(({ type, text: content }) => [type, content]);
}

const SIZES = [1, 2, 5, 13, 1000];

describe('thoughts in the text', () => {
  test.each<[string, [string, string][]]>([
    [
      '<think>Hm.</think>Yes.',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes.'],
      ],
    ],
    [
      '\n<think>\nHm.\n</think>\n\nYes.\n',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes.\n'],
      ],
    ],
    [
      '<Thinking>a < b</Thinking> Yes',
      [
        ['reasoning', 'a < b'],
        ['text', 'Yes'],
      ],
    ],
    [
      '◁think▷Hm.◁/think▷Yes',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
    ],
    [
      '<|channel|>analysis<|message|>Hm.<|end|>Yes',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
    ],
    [
      '<think>One.</think>\n<think>Two.</think>Yes',
      [
        ['reasoning', 'One.'],
        ['reasoning', 'Two.'],
        ['text', 'Yes'],
      ],
    ],
    ['<think>\n\n</think>\n\nYes', [['text', 'Yes']]],
    ['<think>Never ends', [['reasoning', 'Never ends']]],
    [
      '<|channel>thought\nHm.<channel|>Yes',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
    ],
    [
      'Hm.\n</think>\n\nYes',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
    ],
    ['</think>\n\nYes', [['text', 'Yes']]],
    ['Yes.<|im_end|>', [['text', 'Yes.']]],
    ['Yes.<|im_end|><|endoftext|>\n', [['text', 'Yes.']]],
    ['<|START_RESPONSE|>Yes.<|END_RESPONSE|>', [['text', 'Yes.']]],
    [
      '<|begin_of_thought|>Hm.<|end_of_thought|>\n\n<|begin_of_solution|>\n\nYes.\n\nNo.\n\n<|end_of_solution|><|im_end|>',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes.\n\nNo.'],
      ],
    ],
    [
      '<think>Hm.</think>\n<answer>\nYes.\n</answer>\n',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes.'],
      ],
    ],
    [
      '<think>Hm.</think>\n<response><a>1</a></response>',
      [
        ['reasoning', 'Hm.'],
        ['text', '<response><a>1</a></response>'],
      ],
    ],
    ['The price is <s>12</s>', [['text', 'The price is <s>12</s>']]],
    [
      'Hm.</think><response>Yes.</response> No.',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes.</response> No.'],
      ],
    ],
    [
      '<think>Hm.</think>Yes, </answer>',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes, </answer>'],
      ],
    ],
    [
      'analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes<|return|>',
      [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
    ],
  ])('of %j become reasoning, and tags and end tokens are dropped', (text, expected) => {
    // White space at the end of a thought is not compared: if the thought was first passed on as text, it keeps that white space.
    for (const size of SIZES)
      expect(
        parts(text, size).map(([type, content]) => [type, type === 'reasoning' ? String(content).trimEnd() : content]),
      ).toEqual(expected);
  });

  test.each([
    '  Indented, and <b>bold</b>.',
    'Close it with `</think>` and go on.',
    'The pair <think> and </think> marks thoughts.',
    '<thinker>is no tag</thinker>',
    '<|channel>thoughtful is no tag either',
    'a < b and [x] and ◁',
    '<answer>42</answer>',
    '<response>42</response>\n',
    'analysis of <|message|>',
    'The mark <|END_RESPONSE|> ends it',
    '<',
    '[link](https://example.com)',
    'One </s> two.',
    '```xml\n<think>a</think>\n```',
  ])('are not seen in %j', (text) => {
    for (const size of SIZES) expect(parts(text, size)).toEqual([['text', text]]);
  });

  test('are not expected after thoughts in a separate field: a closing tag at the beginning is dropped, and a later one is kept', () => {
    const thought: Chunk[] = [
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
      { type: 'reasoning-end', id: 'r' },
    ];
    expect(parts('</think>\nYes', 3, thought)).toEqual([
      ['reasoning', 'Hm.'],
      ['text', 'Yes'],
    ]);
    expect(parts('Yes </think> no', 3, thought)).toEqual([
      ['reasoning', 'Hm.'],
      ['text', 'Yes </think> no'],
    ]);
  });
});
