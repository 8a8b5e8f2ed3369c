import { expect, test } from 'vitest';
import { startProseModel } from './prose-model.ts';

test.each([
  [10, 6],
  [1000, 300],
])('the model sends exactly %i characters in exactly %i deltas', async (chars, chunks) => {
  const model = await startProseModel();
  try {
    const response = await fetch(`${model.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: model.modelId({ chars, chunks, everyMs: 0 }).replace('local/', '') }),
    });
    const deltas = [...(await response.text()).matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(
      ([, content]) => JSON.parse(content!) as string,
    );
    expect([deltas.join('').length, deltas.length]).toEqual([chars, chunks]);
  } finally {
    await model.stop();
  }
});
