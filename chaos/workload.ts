import { planQueue, type QueuePlan } from './queues/plan-queue.ts';
import type { Random } from './random.ts';
import type { ReaderPlan } from './reader.ts';
import type { TurnPlan } from './turn-plan.ts';

/** A conversation: one answer after the other, or questions that wait for the answers before them. */
export interface ChatPlan {
  userId: string;
  turns: TurnPlan[];
  queue: QueuePlan | null;
}

const USERS = 6;
const MAX_TURNS = 3;
/** Share of the conversations in which turns wait. */
const QUEUES = 0.4;
/** Longest time that the model talks in a turn that waited. */
const SHORT_ANSWER_S = 3;
const MAX_BRANCHES = 3;

const KINDS = {
  /** Some seconds of text at the speed of a model. */
  steady: 10,
  /** Silent before its first token and after its last, each time for up to 4 s. A lease is shorter. */
  silent: 2,
  /** 0.2 to 2.7 MB, at full speed or at 300 deltas a second. */
  fat: 2,
  /** Continues a partial answer, but first repeats the end of this partial answer. */
  repeating: 2,
  /** Refuses to continue a partial answer, so the answer begins again. */
  refusing: 2,
  failing: 1,
} as const;

export function planChat(random: Random, { longestAnswerS }: { longestAnswerS: number }): ChatPlan {
  const userId = `user_${random.int(1, USERS)}`;
  if (random.chance(QUEUES)) {
    const queue = planQueue(random, (kind) => planTurn(random, kind === 'first' ? longestAnswerS : SHORT_ANSWER_S));
    return { userId, turns: [], queue };
  }
  const turns = Array.from({ length: random.int(1, MAX_TURNS) }, () => planTurn(random, longestAnswerS));
  return { userId, turns, queue: null };
}

function planTurn(random: Random, longestAnswerS: number): TurnPlan {
  const answer = planAnswer(random, longestAnswerS);
  const isFat = answer.chunkChars >= 1000;
  return {
    ...answer,
    starts: random.chance(0.2) ? random.int(2, 4) : 1,
    cancelAfterMs: random.chance(0.15) ? random.int(0, answer.durationMs) : null,
    cancels: random.chance(0.3) ? 2 : 1,
    readers: Array.from({ length: random.int(2, 6) }, () => planReader(random, answer.durationMs, isFat)),
    branches: Array.from({ length: random.chance(0.5) ? random.int(1, MAX_BRANCHES) : 0 }, () => ({
      afterMs: random.int(0, 1.2 * answer.durationMs),
      at: random.pick(['stored', 'stored', 'seen', 'now']),
      copies: random.chance(0.3) ? random.int(2, 4) : 1,
    })),
  };
}

type Answer = Pick<TurnPlan, 'modelId' | 'chunks' | 'chunkChars' | 'mayFail' | 'durationMs'>;

function planAnswer(random: Random, longestAnswerS: number): Answer {
  const kind = random.weighted(KINDS);
  if (kind === 'fat') {
    const [chunks, chunkChars] = [random.int(200, 900), random.int(1000, 3000)];
    const modelId = `synthetic/${chunks}x${chunkChars}@${random.pick([0, 300])}`;
    return { modelId, chunks, chunkChars, mayFail: false, durationMs: 3000 };
  }
  const rate = random.pick([4, 10, 25, 60]);
  const chunks = rate * random.int(2, longestAnswerS);
  const chunkChars = random.int(20, 90);
  const durationMs = (chunks * 1000) / rate;
  const answer = (options: string, more: Partial<Answer> = {}): Answer => ({
    modelId: `synthetic/${chunks}x${chunkChars}@${rate}${options}`,
    chunks,
    chunkChars,
    mayFail: false,
    durationMs,
    ...more,
  });
  switch (kind) {
    case 'steady':
      return answer('');
    case 'silent': {
      const [before, after] = [random.int(0, 4000), random.int(0, 4000)];
      return answer(`?startDelayMs=${before}&holdMs=${after}`, { durationMs: before + durationMs + after });
    }
    case 'repeating':
      return answer(`?repeat=${random.int(16, 120)}`);
    case 'refusing':
      return answer('?refuse=1');
    case 'failing':
      return answer(`?failAt=${random.int(0, chunks)}`, { mayFail: true });
  }
}

function planReader(random: Random, durationMs: number, isFat: boolean): ReaderPlan {
  const isRestless = random.chance(0.7);
  const bytes: [number, number] = isFat ? [1, 600_000] : [1, random.pick([300, 3000, 12_000])];
  return {
    joinAfterMs: random.chance(0.5) ? 0 : random.int(0, 1.3 * durationMs),
    leaveAfterBytes: isRestless ? bytes : null,
    awayMs: [0, random.pick([50, 500, 3000])],
    dawdleMs: isFat || random.chance(0.2) ? random.pick([200, 1500]) : 0,
    place: random.pick(['header', 'query']),
  };
}
