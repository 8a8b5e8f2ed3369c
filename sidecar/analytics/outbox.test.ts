import { expect, test } from 'vitest';
import type { AnalyticsBatch } from '../store/counts/analytics-store.ts';
import { createOutbox } from './outbox.ts';

const HOUR = '2026-11-22T10';

function createSubject() {
  const stored: AnalyticsBatch[] = [];
  let isAway = false;
  const outbox = createOutbox({
    id: 'one',
    store: {
      async add(batch) {
        if (isAway) throw new Error('away');
        stored.push(batch);
      },
    },
  });
  return { outbox, stored, setAway: (away: boolean) => void (isAway = away) };
}

test('stores counts that arrive after a flush with nothing to store', async () => {
  const { outbox, stored } = createSubject();
  await outbox.flush();
  await outbox.flush();
  outbox.put(HOUR, 'started', 2);
  await outbox.flush();
  expect(stored).toEqual([{ hour: HOUR, id: 'one', seq: 1, sums: new Map([['started', 2]]), maxima: new Map() }]);
});

test('sends a failed batch again at the next flush, with the same `seq`', async () => {
  const { outbox, stored, setAway } = createSubject();
  outbox.put(HOUR, 'started', 1);
  setAway(true);
  await expect(outbox.flush()).rejects.toThrow('away');
  outbox.put(HOUR, 'started', 3);
  setAway(false);
  await outbox.flush();
  expect(stored.map(({ seq, sums }) => [seq, sums.get('started')])).toEqual([
    [1, 1],
    [2, 3],
  ]);
});

test('stores everything exactly once if two flushes run at the same time', async () => {
  const { outbox, stored } = createSubject();
  outbox.put(HOUR, 'started', 1);
  await Promise.all([outbox.flush(), outbox.flush()]);
  expect(stored).toHaveLength(1);
});
