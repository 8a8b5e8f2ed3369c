import { expect, test } from 'vitest';
import { en } from '~/words/en.ts';
import { groupByDay } from './group-by-day.ts';

test('chats of today and yesterday are grouped by day, and older ones by 7 days, 30 days and month', () => {
  const now = new Date('2026-03-31T09:00:00Z');
  const dates = [
    '2026-03-31T08:59:00Z',
    '2026-03-31T00:00:00Z',
    '2026-03-30T23:59:00Z',
    '2026-03-25T12:00:00Z',
    '2026-03-02T12:00:00Z',
    '2025-12-24T12:00:00Z',
  ];
  const groups = groupByDay(
    dates.map((updatedAt) => ({ updatedAt })),
    { now, words: en.shell, language: 'en' },
  );
  expect(groups.map(({ label, items }) => [label, items.length])).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
    ['Previous 7 days', 1],
    ['Previous 30 days', 1],
    ['December 2025', 1],
  ]);
});

test('a time in the future counts as today', () => {
  const now = new Date('2026-03-31T23:59:00Z');
  expect(groupByDay([{ updatedAt: '2026-04-01T00:00:01Z' }], { now, words: en.shell, language: 'en' })[0]?.label).toBe(
    'Today',
  );
});
