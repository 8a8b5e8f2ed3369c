import { expect, test } from 'vitest';
import { createThoughtSplitter } from './thinking.ts';

test.each(['</think>', '<think></think>', '<think>a</think>'])(
  '%s repeated thousands of times is read without a stack overflow',
  (tags) => {
    const split = createThoughtSplitter();
    split({ type: 'text-start', id: '0' });
    const chunks = split({ type: 'text-delta', id: '0', delta: `${tags.repeat(20_000)}The answer.` });
    expect(chunks.map(({ delta = '' }) => delta).join('')).toContain('The answer.');
  },
);
