import type { AnalyticsAnswer, ModelFigures, PeriodFigures } from '../../shared/analytics.ts';
import { addCounts, FIRST_TOKEN_MS_BOUNDS, quantile, TOKENS_PER_SECOND_BOUNDS } from '../../shared/histogram.ts';
import { fill, type Words } from '~/words/words.ts';
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
  /** A sentence that explains the figure, shown below its title. */
  note?: string;
  kind: 'stacked' | 'bars' | 'lines';
  unit: Unit;
  /** Heading of the column with the labels of the rows, for example "Hour". */
  rowTitle: string;
  series: Series[];
  /** One value per series. */
  rows: { label: string; values: (number | null)[] }[];
}

export interface Total {
  label: string;
  value: string;
  note?: string;
}

const TONES: readonly Tone[] = ['a', 'b', 'c', 'd', 'e', 'f'];
/**
 * The sidecar counts only a limited number of models by name, and all other models together under this name. A chart with too many
 * series adds up its smallest series under the same name.
 */
const REST = 'other';
/** The maximum number of rows in a chart that has one row per model. The models that were used for the most answers are shown. */
const MAX_MODELS = 12;

export const hasFigures = ({ periods }: AnalyticsAnswer): boolean =>
  periods.some(({ started, completed, error, cancelled, reads, resumes, refused }) =>
    [started, completed, error, cancelled, ...[reads, resumes, refused].flatMap(Object.values)].some((n) => n > 0),
  );

export function totalsOf({ periods }: AnalyticsAnswer, { admin: { totals: words } }: Words): Total[] {
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
      label: words.started,
      value: formatFigure(
        sum((period) => period.started),
        'count',
      ),
    },
    {
      label: words.completed,
      value: formatShare(completed, ended),
      note: fill(words.completedNote, { count: number(completed), all: number(ended) }),
    },
    {
      label: words.failed,
      value: formatShare(failed, ended),
      note: fill(words.failedNote, { failed: number(failed), stopped: number(cancelled) }),
    },
    {
      label: words.firstToken,
      value: formatFigure(quantile(firstToken, FIRST_TOKEN_MS_BOUNDS, 0.5), 'ms'),
      note: `p95: ${formatFigure(quantile(firstToken, FIRST_TOKEN_MS_BOUNDS, 0.95), 'ms')}`,
    },
    {
      label: words.speed,
      value: formatFigure(quantile(speed, TOKENS_PER_SECOND_BOUNDS, 0.5), 'perSecond'),
      note: words.speedNote,
    },
    {
      label: words.abandoned,
      value: formatShare(left, reads),
      note: fill(words.abandonedNote, { count: number(left), all: number(reads) }),
    },
    {
      label: words.shares,
      value: formatFigure(
        sum(({ sharesMade }) => totalOf(sharesMade)),
        'count',
      ),
      note: fill(words.sharesNote, { count: number(sum(({ sharesOpened }) => totalOf(sharesOpened))) }),
    },
  ];
}

const totalOf = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** All charts, in the order in which the page shows them. */
export function figuresOf(answer: AnalyticsAnswer, { admin: { figures: words }, language }: Words): Figure[] {
  const { periods, hoursOfDay, step } = answer;
  const timeline = timelineOf(answer, language);
  const overTime = (
    figure: Pick<Figure, 'id' | 'title' | 'note'> & Partial<Figure>,
    series: (Series & { of(period: PeriodFigures): number | null; none?: null })[],
  ): Figure => ({
    kind: 'stacked',
    unit: 'count',
    rowTitle: step === 'hour' ? words.hour : words.day,
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
  const models = modelsOf(periods).slice(0, MAX_MODELS);
  const ofModels = (figure: Pick<Figure, 'id' | 'title' | 'note' | 'unit'>, rows: Figure['rows']): Figure => ({
    kind: 'bars',
    rowTitle: words.model,
    series: [
      { label: words.median, tone: 'a' },
      { label: words.p95, tone: 'b' },
    ],
    rows: rows.filter(({ values }) => values.some((value) => value !== null)),
    ...figure,
  });

  return [
    overTime({ id: 'ends', title: words.ends }, [
      { label: words.completed, tone: 'good', of: (period) => period.completed },
      { label: words.failed, tone: 'bad', of: (period) => period.error },
      { label: words.stopped, tone: 'quiet', of: (period) => period.cancelled },
    ]),
    overTime(
      { id: 'models', title: words.models },
      by(({ models }) => Object.fromEntries(Object.entries(models).map(([name, { started }]) => [name, started]))),
    ),
    ofModels(
      { id: 'first-token', title: words.firstToken, unit: 'ms', note: words.firstTokenNote },
      models.map(([label, { firstTokenMs }]) => ({
        label,
        values: [0.5, 0.95].map((q) => rounded(quantile(firstTokenMs, FIRST_TOKEN_MS_BOUNDS, q))),
      })),
    ),
    {
      ...ofModels(
        { id: 'speed', title: words.speed, unit: 'perSecond', note: words.speedNote },
        models.map(([label, { tokensPerSecond }]) => ({
          label,
          values: [0.5, 0.05].map((q) => tenths(quantile(tokensPerSecond, TOKENS_PER_SECOND_BOUNDS, q))),
        })),
      ),
      series: [
        { label: words.median, tone: 'a' },
        { label: words.p5, tone: 'b' },
      ],
    },
    overTime(
      { id: 'errors', title: words.errors },
      by(({ errors }) => errors),
    ),
    overTime(
      { id: 'refused', title: words.refused },
      by(({ refused }) => refused),
    ),
    overTime(
      { id: 'resumes', title: words.resumes },
      by(({ resumes }) => resumes, {
        live: words.live,
        'catch-up': words.caughtUp,
        beginning: words.beginning,
        'position-lost': words.positionLost,
      }),
    ),
    overTime(
      {
        id: 'reads',
        title: words.reads,
        note: words.readsNote,
      },
      [
        { label: words.readToEnd, tone: 'good', of: ({ reads }) => reads.done ?? 0 },
        { label: words.cut, tone: 'bad', of: ({ reads }) => reads.cut ?? 0 },
        { label: words.left, tone: 'quiet', of: ({ reads }) => reads.left ?? 0 },
      ],
    ),
    overTime(
      { id: 'takeovers', title: words.takeovers },
      by(({ takeovers }) => takeovers, {
        continue: words.continued,
        restart: words.restarted,
        fail: words.lost,
        handover: words.handedOver,
      }),
    ),
    overTime({ id: 'turns', title: words.turns, kind: 'lines' }, [
      { label: words.waited, tone: 'a', of: ({ queued }) => queued },
      { label: words.branches, tone: 'b', of: ({ branched }) => branched },
    ]),
    overTime(
      { id: 'templates', title: words.templates },
      by(({ templates }) => templates, { own: words.ownTemplates, published: words.published, shipped: words.shipped }),
    ),
    {
      id: 'hours',
      title: words.hours,
      kind: 'bars',
      unit: 'count',
      rowTitle: words.hourOfDay,
      series: [{ label: words.started, tone: 'a' }],
      rows: hoursOfDay.map((started, hour) => ({ label: `${String(hour).padStart(2, '0')}:00`, values: [started] })),
    },
    overTime({ id: 'cleanup', title: words.cleanup, kind: 'lines' }, [
      { label: words.scanned, tone: 'a', of: ({ cleanup }) => cleanup.scanned },
      { label: words.removed, tone: 'b', of: ({ cleanup }) => cleanup.removed },
      { label: words.mended, tone: 'c', of: ({ cleanup }) => cleanup.mended },
    ]),
    overTime({ id: 'memory', title: words.memory, kind: 'lines', unit: 'bytes' }, [
      { label: words.mean, tone: 'a', none: null, of: ({ memory }) => rounded(memory?.meanBytes ?? null) },
      { label: words.most, tone: 'b', none: null, of: ({ memory }) => memory?.maxBytes ?? null },
    ]),
  ];
}

export const isEmpty = ({ rows }: Figure): boolean => rows.every(({ values }) => values.every((value) => !value));

const number = (count: number): string => formatFigure(count, 'count');
const rounded = (value: number | null): number | null => value && Math.round(value);
const tenths = (value: number | null): number | null => value && Math.round(value * 10) / 10;

/** Every period of the requested range, also those in which nothing happened. */
function timelineOf(
  { from, to, step, periods }: AnalyticsAnswer,
  language: string,
): { label: string; period?: PeriodFigures }[] {
  const stepMs = step === 'hour' ? 3_600_000 : 24 * 3_600_000;
  const known = new Map(periods.map((period) => [Date.parse(period.start), period]));
  const label = new Intl.DateTimeFormat(language, {
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

/** The names with the highest counts, each with its count per period. All other names are added up under the name `other`. */
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

/** The figures of each model, added up over all periods. The model that was used for the most answers is first. */
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
  return [...models].sort(([, a], [, b]) => b.started - a.started);
}
