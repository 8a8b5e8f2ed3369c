import { en } from '~/words/en.ts';
import { describe, expect, test } from 'vitest';
import type { AnalyticsAnswer, ModelFigures, PeriodFigures } from '../../shared/analytics.ts';
import { figuresOf, hasFigures, isEmpty, totalsOf, type Figure } from './admin-figures.ts';

const period = (start: string, figures: Partial<PeriodFigures> = {}): PeriodFigures => ({
  start,
  started: 0,
  queued: 0,
  branched: 0,
  completed: 0,
  error: 0,
  cancelled: 0,
  errors: {},
  refused: {},
  resumes: {},
  reads: {},
  takeovers: {},
  templates: {},
  sharesMade: { snapshot: 2 },
  sharesOpened: { live: 3 },
  models: {},
  cleanup: { runs: 0, scanned: 0, removed: 0, mended: 0, recovered: 0 },
  memory: null,
  ...figures,
});

const model = (started: number, figures: Partial<ModelFigures> = {}): ModelFigures => ({
  started,
  completed: 0,
  error: 0,
  cancelled: 0,
  tokens: 0,
  firstTokenMs: [],
  tokensPerSecond: [],
  ...figures,
});

const answer = (periods: PeriodFigures[], more: Partial<AnalyticsAnswer> = {}): AnalyticsAnswer => ({
  from: '2026-03-10T09:00:00.000Z',
  to: '2026-03-10T13:00:00.000Z',
  step: 'hour',
  periods,
  hoursOfDay: Array.from({ length: 24 }, () => 0),
  ...more,
});

const at10 = '2026-03-10T10:00:00.000Z';
const at12 = '2026-03-10T12:00:00.000Z';
const find = (figures: Figure[], id: string): Figure => figures.find((figure) => figure.id === id)!;

describe('a figure over time', () => {
  test('has a row for each period, also for those in which nothing happened', () => {
    const figures = figuresOf(answer([period(at10, { completed: 3, error: 1 }), period(at12, { cancelled: 2 })]), en);
    const { rows, series } = find(figures, 'ends');
    expect(series.map(({ label }) => label)).toEqual(['completed', 'failed', 'stopped']);
    expect(rows).toEqual([
      { label: 'Mar 10, 09:00', values: [0, 0, 0] },
      { label: 'Mar 10, 10:00', values: [3, 1, 0] },
      { label: 'Mar 10, 11:00', values: [0, 0, 0] },
      { label: 'Mar 10, 12:00', values: [0, 0, 2] },
    ]);
  });

  test('has one row per day if the steps are days', () => {
    const start = '2026-03-09T00:00:00.000Z';
    const days = answer([period(start, { completed: 1 })], {
      from: start,
      to: '2026-03-11T00:00:00.000Z',
      step: 'day',
    });
    expect(find(figuresOf(days, en), 'ends').rows.map(({ label }) => label)).toEqual(['Mar 9', 'Mar 10']);
  });

  test('has a series for each of the most frequent error codes, and one for all others', () => {
    const errors = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`code_${index}`, 10 - index]));
    const { series, rows } = find(figuresOf(answer([period(at10, { errors })]), en), 'errors');
    expect(series.map(({ label }) => label)).toEqual(['code_0', 'code_1', 'code_2', 'code_3', 'code_4', 'other']);
    expect(rows[1]!.values).toEqual([10, 9, 8, 7, 6, 5 + 4 + 3 + 2]);
  });

  test('has the value null, not zero, for a period in which the memory was not sampled', () => {
    const memory = { meanBytes: 1000.4, maxBytes: 2000, limitBytes: 0 };
    const { rows } = find(figuresOf(answer([period(at10, { memory }), period(at12)]), en), 'memory');
    expect(rows.map(({ values }) => values)).toEqual([
      [null, null],
      [1000, 2000],
      [null, null],
      [null, null],
    ]);
  });

  test('is empty if nothing was counted', () => {
    const figures = figuresOf(answer([period(at10, { completed: 1 })]), en);
    expect(isEmpty(find(figures, 'takeovers'))).toBe(true);
    expect(isEmpty(find(figures, 'ends'))).toBe(false);
  });
});

describe('a figure of models', () => {
  test('has medians and 95th percentiles over all periods, and leaves out a model without values', () => {
    const slow = [...Array.from({ length: 20 }, () => 0), 1];
    const periods = [
      period(at10, { models: { demo: model(4, { firstTokenMs: [0, 4] }), silent: model(1) } }),
      period(at12, { models: { demo: model(6, { firstTokenMs: [0, 6] }), slow: model(1, { firstTokenMs: slow }) } }),
    ];
    expect(find(figuresOf(answer(periods), en), 'first-token').rows).toEqual([
      { label: 'demo', values: [75, 98] },
      { label: 'slow', values: [60_000, 60_000] },
    ]);
  });
});

describe('the totals', () => {
  test('show the share of completed answers among the ended ones, and the share of abandoned reads', () => {
    const totals = totalsOf(
      answer([
        period(at10, { started: 5, completed: 3, reads: { done: 3, left: 1 } }),
        period(at12, { error: 1, reads: { done: 4 } }),
      ]),
      en,
    );
    const valueOf = (label: string) => totals.find((total) => total.label === label);
    expect(valueOf('Answers started')!.value).toBe('5');
    expect(valueOf('Completed')).toMatchObject({ value: '75 %', note: '3 of 4 that ended' });
    expect(valueOf('Abandoned reads')).toMatchObject({ value: '13 %', note: '1 of 8' });
    expect(valueOf('First token')!.value).toBe('–');
  });
});

test('the totals count every model, also those for which the charts have no room', () => {
  const busy = Array.from({ length: 12 }, (_, index) => [`model-${index}`, model(2, { firstTokenMs: [1] })]);
  const slow = [...Array.from({ length: 20 }, () => 0), 99];
  const models = Object.fromEntries([...busy, ['slow', model(1, { firstTokenMs: slow })]]) as Record<
    string,
    ModelFigures
  >;
  const asked = answer([period(at10, { models })]);
  const rows = find(figuresOf(asked, en), 'first-token').rows;
  expect(rows.map(({ label }) => label)).toEqual(busy.map(([name]) => name));
  expect(totalsOf(asked, en).find(({ label }) => label === 'First token')!.value).toBe('60.0 s');
});

test('there are figures if a request was refused, but not if only the cleanup ran and the memory was sampled', () => {
  const memory = { meanBytes: 1, maxBytes: 1, limitBytes: 0 };
  const cleanup = { runs: 3, scanned: 2, removed: 0, mended: 0, recovered: 0 };
  expect(hasFigures(answer([period(at10, { memory, cleanup })]))).toBe(false);
  expect(hasFigures(answer([period(at10, { refused: { not_found: 1 } })]))).toBe(true);
});
