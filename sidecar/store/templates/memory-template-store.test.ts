import { expect, test } from 'vitest';
import { createMemoryTemplateStore } from './memory-template-store.ts';
import { templateStoreSuite } from './template-store.suite.ts';

templateStoreSuite('Memory', () => createMemoryTemplateStore({ ttlMs: 60_000, maxBytes: 1 << 20 }));

const content = { name: 'A', command: 'a', description: '', instructions: '', message: 'x'.repeat(500), variables: [] };

test('Memory: above `maxBytes`, the least recently used template is deleted', async () => {
  const store = createMemoryTemplateStore({ ttlMs: 60_000, maxBytes: 1500 });
  for (const id of ['a', 'b']) await store.create('ann', [{ id, content }], { maxTemplates: 9 });
  await store.touch('ann', 'a');
  await store.create('ann', [{ id: 'c', content }], { maxTemplates: 9 });
  expect((await store.list('ann')).map(({ id }) => id)).toEqual(['a', 'c']);
});

test('Memory: a template is deleted `ttlMs` after its last change', async () => {
  const store = createMemoryTemplateStore({ ttlMs: 0, maxBytes: 1500 });
  await store.create('ann', [{ id: 'a', content }], { maxTemplates: 9 });
  expect(await store.list('ann')).toEqual([]);
  expect(await store.get('ann', 'a')).toBeNull();
});
