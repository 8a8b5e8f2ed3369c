import { expect, test } from 'vitest';
import { createFinder } from './find-stream.ts';

const PATIENCE_MS = 1500;

function finderOver(found: () => { userId: string } | null) {
  const asked: number[] = [];
  const finder = createFinder({
    store: { meta: async () => null, wasAway: () => false, unindexMissing: async () => {} },
    patienceMs: PATIENCE_MS,
    isHere: () => false,
  });
  const find = (userId = 'alice', wasSeen = true) =>
    finder.find({ userId, streamId: 's1', wasSeen, look: async () => (asked.push(Date.now()), found()) });
  return { find, asked };
}

test('a made-up stream id is looked up a few times if the caller sends an event id', async () => {
  const { find, asked } = finderOver(() => null);
  await expect(find()).rejects.toMatchObject({ code: 'not_found' });
  expect(asked.length).toBeGreaterThan(2);
  expect(asked.length).toBeLessThanOrEqual(7);
});

test('of many simultaneous lookups by one person, only a few are repeated, and other people are not affected', async () => {
  const { find, asked } = finderOver(() => null);
  const many = Array.from({ length: 200 }, () => find().catch(() => {}));
  const startedAt = Date.now();
  await expect(find('bob')).rejects.toMatchObject({ code: 'not_found' });
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(PATIENCE_MS);
  await Promise.all(many);
  expect(asked.length).toBeLessThan(200 + 6 * 7);
});

test('a missing stream is found if its owner writes it again during the lookup', async () => {
  const startedAt = Date.now();
  const { find } = finderOver(() => (Date.now() - startedAt > 400 ? { userId: 'alice' } : null));
  expect(await find()).toEqual({ userId: 'alice' });
});

test('a missing stream that the caller has never seen is looked up only once', async () => {
  const { find, asked } = finderOver(() => null);
  await expect(find('alice', false)).rejects.toMatchObject({ code: 'not_found' });
  expect(asked).toHaveLength(1);
});
