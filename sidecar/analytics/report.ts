import {
  ANALYTICS_KEPT_DAYS,
  type AnalyticsAnswer,
  type AnalyticsQuery,
  type ModelFigures,
  type PeriodFigures,
} from '../../shared/analytics.ts';
import { addCounts } from '../../shared/histogram.ts';
import type { AnalyticsStore } from '../store/counts/analytics-store.ts';
import { OTHER } from './counting.ts';
import { figuresIn, isMaximum } from './fields.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A report over a longer time than this has one period for each day, unless the query asks for `hour`. */
const MAX_HOURS_MS = 7 * DAY_MS + HOUR_MS;
/** Maximum number of models in one period of a report. Those with the fewest starts are added up as {@link OTHER}. */
const MAX_MODELS = 20;

/** The beginning of the hour in which `ms` lies, in ISO 8601. The counts of an hour are stored under this name. */
export const hourOf = (ms: number): string => new Date(ms - (ms % HOUR_MS)).toISOString();

/** The stored counts of all sidecars. The requested time is extended to whole hours or days in UTC. */
export async function reportOf(
  { from, to, step: wantedStep }: AnalyticsQuery,
  { store, nowMs }: { store: Pick<AnalyticsStore, 'read'>; nowMs: number },
): Promise<AnalyticsAnswer> {
  const toMs = Math.min(to === undefined ? nowMs : Date.parse(to), nowMs);
  const fromMs = Math.max(
    from === undefined ? toMs - DAY_MS + HOUR_MS : Date.parse(from),
    nowMs - ANALYTICS_KEPT_DAYS * DAY_MS,
  );
  const step = wantedStep ?? (toMs - fromMs > MAX_HOURS_MS ? 'day' : 'hour');
  const stepMs = step === 'day' ? DAY_MS : HOUR_MS;
  const firstMs = fromMs - (fromMs % stepMs);
  const endMs = Math.max(firstMs, Math.ceil(toMs / stepMs) * stepMs);

  const names: string[] = [];
  for (let ms = firstMs; ms < Math.min(endMs, nowMs); ms += HOUR_MS) names.push(hourOf(ms));
  const hours = await store.read(names);

  const hoursOfDay = Array.from({ length: 24 }, () => 0);
  const byPeriod = new Map<string, Record<string, number>>();
  for (const { hour, fields } of hours) {
    const hourMs = Date.parse(hour);
    hoursOfDay[new Date(hourMs).getUTCHours()]! += fields.started ?? 0;
    const start = new Date(hourMs - (hourMs % stepMs)).toISOString();
    byPeriod.set(start, merged(byPeriod.get(start) ?? {}, fields));
  }
  return {
    from: new Date(firstMs).toISOString(),
    to: new Date(endMs).toISOString(),
    step,
    periods: [...byPeriod].map(([start, fields]) => withFewModels(figuresIn(start, fields))),
    hoursOfDay,
  };
}

function merged(into: Record<string, number>, fields: Readonly<Record<string, number>>): Record<string, number> {
  for (const [name, value] of Object.entries(fields)) {
    const known = into[name] ?? 0;
    into[name] = isMaximum(name) ? Math.max(known, value) : known + value;
  }
  return into;
}

function withFewModels(period: PeriodFigures): PeriodFigures {
  const models = Object.entries(period.models).sort(([, a], [, b]) => b.started - a.started);
  if (models.length <= MAX_MODELS) return period;
  const isRest = ([name]: [string, ModelFigures], index: number) => name === OTHER || index >= MAX_MODELS - 1;
  const rest = models.filter(isRest).map(([, figures]) => figures);
  const few = models.filter((model, index) => !isRest(model, index));
  return { ...period, models: Object.fromEntries([...few, [OTHER, rest.reduce(addModels)]]) };
}

const addModels = (a: ModelFigures, b: ModelFigures): ModelFigures => ({
  started: a.started + b.started,
  completed: a.completed + b.completed,
  error: a.error + b.error,
  cancelled: a.cancelled + b.cancelled,
  tokens: a.tokens + b.tokens,
  firstTokenMs: addCounts(a.firstTokenMs, b.firstTokenMs),
  tokensPerSecond: addCounts(a.tokensPerSecond, b.tokensPerSecond),
});
