import type { Log } from '../../log.ts';
import { explainRedisError, isAmbiguous, redisSentence, type RedisProblem } from './redis-problem.ts';

/** What is wrong with Redis, as this process sees it. Each change is logged once. */
export interface RedisTroubles {
  /** Why Redis cannot be used now; `null`: it can. */
  current(): RedisProblem | null;
  /** A connection or a call failed, by this error. */
  onError(error: unknown): void;
  /** It answers. `unfit`: and cannot be used all the same, for example because it is too old. */
  onContact(unfit: RedisProblem | null): void;
  /** Whether it takes writes, by the latest probe. */
  onWriteProbe(refusal: RedisProblem | null): void;
  /** Resolves when it is known how things are: contact, or a cause that is certain. */
  known: Promise<void>;
}

export interface RedisTroublesOptions {
  /** Where Redis is, for people. */
  where: string;
  log: Log;
  /** Finds out more, where an error of the client has several causes. */
  diagnose(): Promise<RedisProblem | null>;
}

/** Between two looks by hand at a server that stays away. */
const DIAGNOSE_EVERY_MS = 5000;

export function createRedisTroubles({ where, log, diagnose }: RedisTroublesOptions): RedisTroubles {
  /** No contact, and why. Before the first contact that is nobody's fault yet. */
  let away: RedisProblem | null = explainRedisError(null);
  let unfit: RedisProblem | null = null;
  let refusal: RedisProblem | null = null;
  let hasHadContact = false;
  let told: RedisProblem | null = null;
  let diagnosedAt = Number.NEGATIVE_INFINITY;
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
    const found = await diagnose().catch(() => null);
    if (away === null || away !== wasAwayFor) return; // it is back, or the client has said it clearly
    away = found ?? away;
    tell();
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
      // Before the first contact the cause is worth a second: it will be the first thing that somebody reads.
      if (hasHadContact || !isDue) tell();
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
      tell();
    },
  };
}
