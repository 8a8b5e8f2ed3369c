import { z } from 'zod';

/** What is counted is kept for so long. */
export const ANALYTICS_KEPT_DAYS = 90;

const count = z.number().int().min(0);
const counts = z.record(z.string(), count);
/** See `histogram.ts`. */
const histogram = z.array(count);

/** What a model did in a period. */
export const modelFiguresSchema = z.object({
  started: count,
  completed: count,
  error: count,
  cancelled: count,
  tokens: count,
  /** With `FIRST_TOKEN_MS_BOUNDS`. */
  firstTokenMs: histogram,
  /** With `TOKENS_PER_SECOND_BOUNDS`. */
  tokensPerSecond: histogram,
});
export type ModelFigures = z.infer<typeof modelFiguresSchema>;

/** What happened in one hour, or one day, of all sidecars together. Nothing in it is about a person or a text. */
export const periodFiguresSchema = z.object({
  /** ISO 8601, in UTC. */
  start: z.string(),
  started: count,
  completed: count,
  error: count,
  cancelled: count,
  /** Answers that failed, by why. */
  errors: counts,
  /** Requests that were refused, by the code of the problem. */
  refused: counts,
  /** How readers began: `live`, `catch-up`, `beginning`, `position-lost`. */
  resumes: counts,
  /** How readers ended: `done`, `cut` (and came back), `left` (before the end). */
  reads: counts,
  /** Answers that lost their process, by what became of them (`continue`, `restart`, `fail`), or that were handed over (`handover`). */
  takeovers: counts,
  models: z.record(z.string(), modelFiguresSchema),
  cleanup: z.object({ runs: count, scanned: count, removed: count, mended: count, recovered: count }),
  /** Of Redis; `null` where there is none, or nobody looked. */
  memory: z.object({ meanBytes: z.number(), maxBytes: z.number(), limitBytes: z.number() }).nullable(),
});
export type PeriodFigures = z.infer<typeof periodFiguresSchema>;

/** `GET /analytics`: `from` and `to` are ISO 8601; the last day unless said. */
export const analyticsQuerySchema = z
  .object({
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    /** Of the periods; hours for a week at most, unless said. */
    step: z.enum(['hour', 'day']).optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    message: '`from` has to be before `to`.',
  });
export type AnalyticsQuery = z.infer<typeof analyticsQuerySchema>;

export const analyticsAnswerSchema = z.object({
  /** The beginning of the first period and the end of the last. */
  from: z.string(),
  to: z.string(),
  step: z.enum(['hour', 'day']),
  /** In the order of time; one in which nothing happened is left out. */
  periods: z.array(periodFiguresSchema),
  /** Answers started in each hour of the day, 0 to 23, in UTC. */
  hoursOfDay: z.array(count).length(24),
});
export type AnalyticsAnswer = z.infer<typeof analyticsAnswerSchema>;
