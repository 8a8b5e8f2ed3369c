import { expect, test } from 'vitest';
import { createModelLabel } from './model-label.ts';

const label = createModelLabel([{ id: 'demo' }, { id: 'local/qwen3' }]);

test.each([
  ['demo', 'demo'],
  ['local/qwen3', 'local/qwen3'],
  ['local/anything-that-somebody-writes', 'other'],
  ['synthetic/1x20@0', 'synthetic'],
])('the model %s has the label %s', (modelId, as) => expect(label(modelId)).toBe(as));
