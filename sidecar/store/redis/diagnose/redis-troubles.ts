import type { Log } from '../../../log.ts';
import { explainRedisError, isAmbiguous, redisSentence, type RedisProblem } from './redis-problem.ts';

/** Knows what is wrong with Redis, as seen by this process. Each change is logged once. */
export interface RedisTroubles {
  /** Why Redis cannot be used now; `null` if it can. */
  current(): RedisProblem | null;
  /** Reports that a connection or a call has failed with this error. */
  onError(error: unknown): void;
  /** Reports that Redis answers. `unfit`: why it still cannot be used, for example because it is too old. */
  onContact(unfit: RedisProblem | null): void;
  /** Reports whether the latest probe could write. */
  onWriteProbe(refusal: RedisProblem | null): void;
  /** Resolves when the first state is known: Redis answers, or the reason why it cannot be used was logged. */
  known: Promise<void>;
}

export interface RedisTroublesOptions {
  /** The address of Redis, for people. */
  where: string;
  log: Log;
  /** Finds the cause when the client reports an error that can have several causes. */
  diagnose(): Promise<RedisProblem | null>;
}

/** Pause between two checks of a server that cannot be reached. */
const DIAGNOSE_EVERY_MS = 5000;
/** Before the first contact, a first problem of unknown cause is reported only after this delay. Perhaps the connection is just slow. */
const SLOW_START_MS = 1000;

export function createRedisTroubles({ where, log, diagnose }: RedisTroublesOptions): RedisTroubles {
  /** Why Redis does not answer; `null` while it answers. */
  let away: RedisProblem | null = explainRedisError(null);
  let unfit: RedisProblem | null = null;
  let refusal: RedisProblem | null = null;
  let hasHadContact = false;
  let told: RedisProblem | null = null;
  let diagnosedAt = Number.NEGATIVE_INFINITY;
  let isDiagnosing = false;
  const { promise: known, resolve: becomeKnown } = Promise.withResolvers<void>();

  const current = () => unfit ?? away ?? refusal;

  function tell(): void {
    const problem = current();
    becomeKnown();
    if (problem?.kind === told?.kind) return;
    const before = told;
    told = problem;
    if (problem === null) {
      log.info({ event: before && hasHadContact ? 'redis.back' : 'redis.connected', address: where });
    } else {
      const { kind, remedy } = problem;
      const event = problem === refusal ? 'redis.refuses' : 'redis.away';
      log.warn({ event, address: where, problem: kind, reason: redisSentence(where, problem), remedy });
    }
  }

  async function findOut(): Promise<void> {
    const wasAwayFor = away;
    isDiagnosing = true;
    const found = await diagnose().catch(() => null);
    isDiagnosing = false;
    if (away === null || away !== wasAwayFor) return; // Redis is back, or the client has reported a clear cause
    away = found ?? away;
    if (found !== null || hasHadContact) return tell();
    setTimeout(() => away !== null && tell(), SLOW_START_MS).unref();
  }

  return {
    current,
    known,
    onError(error) {
      const problem = explainRedisError(error);
      if (!isAmbiguous(problem)) {
        away = problem;
        return tell();
      }
      away ??= problem;
      const now = performance.now();
      const isDue = now - diagnosedAt > DIAGNOSE_EVERY_MS;
      // Before the first contact, an error that starts a diagnosis, or occurs during one, is not reported here. `findOut` reports the
      // problem after the diagnosis, so that the first report that an operator reads can name the cause.
      if (hasHadContact || !(isDue || isDiagnosing)) tell();
      if (!isDue) return;
      diagnosedAt = now;
      void findOut();
    },
    onContact(found) {
      away = null;
      unfit = found;
      tell();
      hasHadContact = true;
    },
    onWriteProbe(found) {
      refusal = found;
      // Before the first contact it is not known yet whether this Redis can be used. `onContact` is called next and
      // reports the state.
      if (hasHadContact) tell();
    },
  };
}
