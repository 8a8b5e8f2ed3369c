import { z } from 'zod';

/** Days for which counts are kept. */
export const ANALYTICS_KEPT_DAYS = 90;

const count = z.number().int().min(0);
const counts = z.record(z.string(), count);
/** Counts per bin, see `histogram.ts`. */
const histogram = z.array(count);

/** What one model did in a period. */
export const modelFiguresSchema = z.object({
  started: count,
  completed: count,
  error: count,
  cancelled: count,
  tokens: count,
  /** From the model call to the first token, in ms. The bounds of the bins are `FIRST_TOKEN_MS_BOUNDS`. */
  firstTokenMs: histogram,
  /** The bounds of the bins are `TOKENS_PER_SECOND_BOUNDS`. */
  tokensPerSecond: histogram,
});
export type ModelFigures = z.infer<typeof modelFiguresSchema>;

/** What happened in all sidecars together in one hour or one day. It contains no user ids and no texts. */
export const periodFiguresSchema = z.object({
  /** ISO 8601, in UTC. */
  start: z.string(),
  started: count,
  /** Answers that had to wait for earlier answers in the same chat. When a waiting answer starts, it is also counted in `started`. */
  queued: count,
  /** Forks: chats that were made as copies of other chats. The pages call them branches. */
  branched: count.default(0),
  completed: count,
  error: count,
  cancelled: count,
  /** Answers that failed, by the code of the reason (PROTOCOL.md 8.6). */
  errors: counts,
  /** Refused requests, by the code of the problem (PROTOCOL.md 16). */
  refused: counts,
  /** Readers, by where in the log they began: `live`, `catch-up`, `beginning`, `position-lost` (`ResumeKind` in the sidecar). */
  resumes: counts,
  /** Readers, by how their responses ended: `done`, `cut` (by the server; clients reconnect), `left` (the client went away early). */
  reads: counts,
  /**
   * Answers that another process took over. Key: `handover` if the first process handed the answer over before it exited,
   * otherwise what was done with the answer (`continue`, `restart`, `fail`).
   */
  takeovers: counts,
  /** Answers that were started from a template, by its origin: `own`, `published` or `shipped`. */
  templates: counts.default({}),
  /** Public pages that were made, by mode: `snapshot` or `live`. */
  sharesMade: counts.default({}),
  /** How many times public pages were opened, by mode. */
  sharesOpened: counts.default({}),
  models: z.record(z.string(), modelFiguresSchema),
  cleanup: z.object({ runs: count, scanned: count, removed: count, mended: count, recovered: count }),
  /** How much memory Redis used; `null` without Redis, or if the memory was not sampled. */
  memory: z.object({ meanBytes: z.number(), maxBytes: z.number(), limitBytes: z.number() }).nullable(),
});
export type PeriodFigures = z.infer<typeof periodFiguresSchema>;

/** The query of `GET /analytics`: `from` and `to` are ISO 8601. Default: the last 24 hours. */
export const analyticsQuerySchema = z
  .object({
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    /** Length of the periods. Default: `hour` for up to a week, otherwise `day`. */
    step: z.enum(['hour', 'day']).optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    message: '`from` must be before `to`.',
  });
export type AnalyticsQuery = z.infer<typeof analyticsQuerySchema>;

export const analyticsAnswerSchema = z.object({
  /** Beginning of the first period. */
  from: z.string(),
  /** End of the last period. */
  to: z.string(),
  step: z.enum(['hour', 'day']),
  /** Oldest first. Periods in which nothing happened are left out. */
  periods: z.array(periodFiguresSchema),
  /** Number of answers that were started in each hour of the day, 0 to 23, in UTC. */
  hoursOfDay: z.array(count).length(24),
});
export type AnalyticsAnswer = z.infer<typeof analyticsAnswerSchema>;
