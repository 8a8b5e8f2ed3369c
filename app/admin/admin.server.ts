import { RejoinError } from '../../shared/errors.ts';
import type { AnalyticsQuery } from '../../shared/analytics.ts';
import type { StreamState } from '../../shared/stream/stream.ts';
import type { User } from '~/auth/auth.server.ts';
import { config } from '~/process/config.server.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';
import type { Words } from '~/words/words.ts';

/** The user as a caller whom the sidecar treats as an administrator. Throws `forbidden` if `user.isOperator` is false. */
export function operator(user: User): Caller {
  if (user.isOperator) return { userId: user.userId, admin: true };
  const { firstGuest } = config();
  throw new RejoinError('forbidden', {
    detail: firstGuest
      ? `Open the link that npm start printed in its terminal: the browser that opens it becomes the administrator. Or set ADMIN_USER_IDS=${user.userId} and restart.`
      : `Your id is ${user.userId}. Ask the person who runs this app to add it to ADMIN_USER_IDS.`,
  });
}

/**
 * True if no administrator is configured and only this machine reaches the app. The administrator is then the guest who opened the
 * link that `npm start` prints.
 */
export const isByFirstGuest = (): boolean => config().firstGuest !== null;

/** The sentence that says who can read public pages. */
export function sharingNote({ admin }: Words): string {
  const { shares, clerk } = config();
  return shares === 'members' && clerk === null ? admin.shares.guests : admin.shares[shares];
}

/** An answer that is being written, for the list on the page. */
export interface LiveStream {
  streamId: string;
  userId: string;
  modelId: string;
  ageMs: number;
  bytes: number;
  readers: number;
  /** `waiting`: number of queued questions behind this answer. `waitingMs`: how long the first of them has waited. */
  waiting: number;
  waitingMs: number;
  /** Id of the process that writes the answer; empty without Redis. */
  owner: string;
}

export const liveStreams = (states: readonly StreamState[], nowMs: number): LiveStream[] =>
  states.map(({ streamId, userId = '', modelId, startTime, bytes, readers = 0, owner = '', waiting }) => ({
    streamId,
    userId,
    modelId,
    ageMs: nowMs - Date.parse(startTime),
    bytes,
    readers,
    waiting: waiting?.turns ?? 0,
    waitingMs: waiting ? nowMs - Date.parse(waiting.since) : 0,
    owner,
  }));

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The time ranges that the page offers. All of them end now. */
const RANGES = ['24h', '7d', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];

/** The range in `?range=`. If the parameter is missing or has an unknown value, the range is a day. */
export function rangeOf(request: Request): Range {
  const range = new URL(request.url).searchParams.get('range');
  return RANGES.find((known) => known === range) ?? '24h';
}

/**
 * The query for a range. A range consists of whole hours or days, and the current hour or day is the last of them. So the query for
 * `24h` begins 23 hours ago.
 */
export function queryOf(range: Range, nowMs: number): AnalyticsQuery {
  const since = (ms: number) => new Date(nowMs - ms).toISOString();
  switch (range) {
    case '24h':
      return { from: since(DAY_MS - HOUR_MS), step: 'hour' };
    case '7d':
      return { from: since(7 * DAY_MS - HOUR_MS), step: 'hour' };
    case '30d':
      return { from: since(29 * DAY_MS), step: 'day' };
    case '90d':
      return { from: since(89 * DAY_MS), step: 'day' };
  }
}
