import type { AnalyticsAnswer, ModelFigures, PeriodFigures } from '../../shared/analytics.ts';
import { addCounts, FIRST_TOKEN_MS_BOUNDS, quantile, TOKENS_PER_SECOND_BOUNDS } from '../../shared/histogram.ts';
import { formatFigure, formatShare, type Unit } from './format-figure.ts';

/** A colour of the charts. The stylesheet defines it. */
export type Tone = 'good' | 'bad' | 'quiet' | 'a' | 'b' | 'c' | 'd' | 'e' | 'f';

export interface Series {
  label: string;
  tone: Tone;
}

/** One chart, and the table below it with the same numbers. */
export interface Figure {
  id: string;
  title: string;
  /** An explanation for the person who reads it. */
  note?: string;
  kind: 'stacked' | 'bars' | 'lines';
  unit: Unit;
  /** Heading of the rows, for example "Hour". */
  rowTitle: string;
  series: Series[];
  /** One value per series. */
  rows: { label: string; values: (number | null)[] }[];
}

/** One important number. */
export interface Total {
  label: string;
  value: string;
  note?: string;
}

const TONES: readonly Tone[] = ['a', 'b', 'c', 'd', 'e', 'f'];
const REST = 'other';

export const hasFigures = ({ periods }: AnalyticsAnswer): boolean =>
  periods.some(({ started, completed, error, cancelled, reads, resumes, refused }) =>
    [started, completed, error, cancelled, ...[reads, resumes, refused].flatMap(Object.values)].some((n) => n > 0),
  );

export function totalsOf({ periods }: AnalyticsAnswer): Total[] {
  const sum = (of: (period: PeriodFigures) => number) => periods.reduce((all, period) => all + of(period), 0);
  const completed = sum((period) => period.completed);
  const failed = sum((period) => period.error);
  const cancelled = sum((period) => period.cancelled);
  const left = sum(({ reads }) => reads.left ?? 0);
  const reads = sum((period) => Object.values(period.reads).reduce((a, b) => a + b, 0));
  const models = modelsOf(periods);
  const firstToken = models.reduce<number[]>((all, [, { firstTokenMs }]) => addCounts(all, firstTokenMs), []);
  const speed = models.reduce<number[]>((all, [, { tokensPerSecond }]) => addCounts(all, tokensPerSecond), []);
  const ended = completed + failed + cancelled;
  return [
    {
      label: 'Answers started',
      value: formatFigure(
        sum((period) => period.started),
        'count',
      ),
    },
    {
      label: 'Completed',
      value: formatShare(completed, ended),
      note: `${number(completed)} of ${number(ended)} that ended`,
    },
    {
      label: 'Failed',
      value: formatShare(failed, ended),
      note: `${number(failed)}, and ${number(cancelled)} were stopped`,
    },
    {
      label: 'First token',
      value: formatFigure(quantile(firstToken, FIRST_TOKEN_MS_BOUNDS, 0.5), 'ms'),
      note: `95 %: ${formatFigure(quantile(firstToken, FIRST_TOKEN_MS_BOUNDS, 0.95), 'ms')}`,
    },
    {
      label: 'Tokens a second',
      value: formatFigure(quantile(speed, TOKENS_PER_SECOND_BOUNDS, 0.5), 'perSecond'),
      note: 'the median answer',
    },
    { label: 'Abandoned reads', value: formatShare(left, reads), note: `${number(left)} of ${number(reads)}` },
  ];
}

/** All charts of the page, in order. */
export function figuresOf(answer: AnalyticsAnswer): Figure[] {
  const { periods, hoursOfDay, step } = answer;
  const timeline = timelineOf(answer);
  const overTime = (
    figure: Pick<Figure, 'id' | 'title' | 'note'> & Partial<Figure>,
    series: (Series & { of(period: PeriodFigures): number | null; none?: null })[],
  ): Figure => ({
    kind: 'stacked',
    unit: 'count',
    rowTitle: step === 'hour' ? 'Hour (UTC)' : 'Day (UTC)',
    series: series.map(({ label, tone }) => ({ label, tone })),
    rows: timeline.map(({ label, period }) => ({
      label,
      values: series.map(({ of, none = 0 }) => (period ? of(period) : none)),
    })),
    ...figure,
  });
  const by = (counts: (period: PeriodFigures) => Record<string, number>, labels: Record<string, string> = {}) =>
    mostCounted(periods, counts).map(({ label, of }, index) => ({
      label: labels[label] ?? label,
      tone: TONES[index % TONES.length]!,
      of,
    }));
  const models = modelsOf(periods);
  const ofModels = (figure: Pick<Figure, 'id' | 'title' | 'note' | 'unit'>, rows: Figure['rows']): Figure => ({
    kind: 'bars',
    rowTitle: 'Model',
    series: [
      { label: 'half of them within', tone: 'a' },
      { label: '95 % within', tone: 'b' },
    ],
    rows: rows.filter(({ values }) => values.some((value) => value !== null)),
    ...figure,
  });

  return [
    overTime({ id: 'ends', title: 'How answers ended' }, [
      { label: 'completed', tone: 'good', of: (period) => period.completed },
      { label: 'failed', tone: 'bad', of: (period) => period.error },
      { label: 'stopped', tone: 'quiet', of: (period) => period.cancelled },
    ]),
    overTime(
      { id: 'models', title: 'Answers started, by model' },
      by(({ models }) => Object.fromEntries(Object.entries(models).map(([name, { started }]) => [name, started]))),
    ),
    ofModels(
      { id: 'first-token', title: 'Time to the first token', unit: 'ms', note: 'From the call of the model.' },
      models.map(([label, { firstTokenMs }]) => ({
        label,
        values: [0.5, 0.95].map((q) => rounded(quantile(firstTokenMs, FIRST_TOKEN_MS_BOUNDS, q))),
      })),
    ),
    {
      ...ofModels(
        { id: 'speed', title: 'Tokens a second', unit: 'perSecond', note: 'While an answer is written.' },
        models.map(([label, { tokensPerSecond }]) => ({
          label,
          values: [0.5, 0.05].map((q) => tenths(quantile(tokensPerSecond, TOKENS_PER_SECOND_BOUNDS, q))),
        })),
      ),
      series: [
        { label: 'half of them faster than', tone: 'a' },
        { label: '95 % faster than', tone: 'b' },
      ],
    },
    overTime(
      { id: 'errors', title: 'Failed answers, by code' },
      by(({ errors }) => errors),
    ),
    overTime(
      { id: 'refused', title: 'Refused requests, by code' },
      by(({ refused }) => refused),
    ),
    overTime(
      { id: 'resumes', title: 'How readers began' },
      by(({ resumes }) => resumes, {
        live: 'live',
        'catch-up': 'caught up',
        beginning: 'from the beginning',
        'position-lost': 'place was lost',
      }),
    ),
    overTime(
      {
        id: 'reads',
        title: 'How readers ended',
        note: 'A reader that was cut comes back. One that left closed or reloaded the page before the end; the answer went on.',
      },
      [
        { label: 'read to the end', tone: 'good', of: ({ reads }) => reads.done ?? 0 },
        { label: 'cut', tone: 'bad', of: ({ reads }) => reads.cut ?? 0 },
        { label: 'left before the end', tone: 'quiet', of: ({ reads }) => reads.left ?? 0 },
      ],
    ),
    overTime(
      { id: 'takeovers', title: 'Answers that another process went on with' },
      by(({ takeovers }) => takeovers, {
        continue: 'lost, continued',
        restart: 'lost, begun anew',
        fail: 'lost, ended as failed',
        handover: 'handed over',
      }),
    ),
    {
      id: 'hours',
      title: 'Answers started, by hour of the day',
      kind: 'bars',
      unit: 'count',
      rowTitle: 'Hour of the day (UTC)',
      series: [{ label: 'started', tone: 'a' }],
      rows: hoursOfDay.map((started, hour) => ({ label: `${String(hour).padStart(2, '0')}:00`, values: [started] })),
    },
    overTime({ id: 'cleanup', title: 'What the cleanup did', kind: 'lines' }, [
      { label: 'streams looked at', tone: 'a', of: ({ cleanup }) => cleanup.scanned },
      { label: 'removed', tone: 'b', of: ({ cleanup }) => cleanup.removed },
      { label: 'mended', tone: 'c', of: ({ cleanup }) => cleanup.mended },
    ]),
    overTime({ id: 'memory', title: 'Memory of Redis', kind: 'lines', unit: 'bytes' }, [
      { label: 'mean', tone: 'a', none: null, of: ({ memory }) => rounded(memory?.meanBytes ?? null) },
      { label: 'most', tone: 'b', none: null, of: ({ memory }) => memory?.maxBytes ?? null },
    ]),
  ];
}

/** True if nothing was counted, so that there is nothing to draw. */
export const isEmpty = ({ rows }: Figure): boolean => rows.every(({ values }) => values.every((value) => !value));

const number = (count: number): string => formatFigure(count, 'count');
const rounded = (value: number | null): number | null => value && Math.round(value);
const tenths = (value: number | null): number | null => value && Math.round(value * 10) / 10;

/** Every period of the requested time, also those in which nothing happened. */
function timelineOf({ from, to, step, periods }: AnalyticsAnswer): { label: string; period?: PeriodFigures }[] {
  const stepMs = step === 'hour' ? 3_600_000 : 24 * 3_600_000;
  const known = new Map(periods.map((period) => [Date.parse(period.start), period]));
  const label = new Intl.DateTimeFormat('en', {
    timeZone: 'UTC',
    month: 'short',
    day: 'numeric',
    ...(step === 'hour' ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : {}),
  });
  const line: { label: string; period?: PeriodFigures }[] = [];
  for (let ms = Date.parse(from); ms < Date.parse(to); ms += stepMs)
    line.push({ label: label.format(ms), period: known.get(ms) });
  return line;
}

/** The names with the highest counts, each with its count per period. All others are added up. */
function mostCounted(
  periods: readonly PeriodFigures[],
  counts: (period: PeriodFigures) => Record<string, number>,
): { label: string; of(period: PeriodFigures): number }[] {
  const sums = new Map<string, number>();
  for (const period of periods)
    for (const [name, count] of Object.entries(counts(period))) sums.set(name, (sums.get(name) ?? 0) + count);
  const names = [...sums].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const own = names.length <= TONES.length ? names : names.filter((name) => name !== REST).slice(0, TONES.length - 1);
  const rest = names.filter((name) => !own.includes(name));
  const sumOf = (some: readonly string[], period: PeriodFigures) =>
    some.reduce((all, name) => all + (counts(period)[name] ?? 0), 0);
  return [
    ...own.map((name) => ({ label: name, of: (period: PeriodFigures) => sumOf([name], period) })),
    ...(rest.length > 0 ? [{ label: REST, of: (period: PeriodFigures) => sumOf(rest, period) }] : []),
  ];
}

/** Over the whole time. Models with the most answers come first. */
function modelsOf(
  periods: readonly PeriodFigures[],
): [string, Pick<ModelFigures, 'started' | 'firstTokenMs' | 'tokensPerSecond'>][] {
  const models = new Map<string, Pick<ModelFigures, 'started' | 'firstTokenMs' | 'tokensPerSecond'>>();
  for (const period of periods) {
    for (const [name, figures] of Object.entries(period.models)) {
      const known = models.get(name);
      models.set(name, {
        started: (known?.started ?? 0) + figures.started,
        firstTokenMs: addCounts(known?.firstTokenMs ?? [], figures.firstTokenMs),
        tokensPerSecond: addCounts(known?.tokensPerSecond ?? [], figures.tokensPerSecond),
      });
    }
  }
  return [...models].sort(([, a], [, b]) => b.started - a.started).slice(0, 12);
}
