import type { Random } from '../random.ts';
import type { TurnPlan } from '../turn-plan.ts';

/** A conversation in which a person sends more messages while an answer is being written. The steps come one after the other. */
export interface QueuePlan {
  first: TurnPlan;
  steps: QueueStep[];
}

export type QueueStep = { afterMs: number } & (
  | { what: 'queue'; /** All are sent at the same time, each to a random sidecar. */ turns: TurnPlan[] }
  | { what: 'interrupt'; turn: TurnPlan }
  /** A person stops the answer that is being written. If turns wait, the queue is then held until a person resumes it. */
  | { what: 'stop' }
  | { what: 'resume' }
  | { what: 'discard' }
  /**
   * Steps that change one of the turns that wait. `pick` chooses the turn, from 0 for the first to 1 for the last. `send` stops the
   * answer that is being written, so that the turn begins now.
   */
  | { what: 'send' | 'remove' | 'edit'; pick: number }
  | { what: 'move'; pick: number; place: number }
);

const KINDS = {
  queue: 10,
  interrupt: 2,
  stop: 2,
  resume: 2,
  discard: 1,
  send: 2,
  remove: 2,
  edit: 3,
  move: 3,
} as const;

/** Fewer than `MAX_QUEUED`, so that no turn is refused. */
const MAX_TURNS = 8;
const MAX_AT_ONCE = 3;

export function planQueue(random: Random, planTurn: (kind: 'first' | 'waiting') => TurnPlan): QueuePlan {
  let left = random.int(3, MAX_TURNS);
  const take = (count: number) =>
    Array.from({ length: Math.min(count, left--) }, () => ({ ...planTurn('waiting'), cancelAfterMs: null }));
  const steps: QueueStep[] = [];
  const add = (step: QueueStep) => steps.push(step);
  const afterMs = () => random.int(0, 1500);
  add({ what: 'queue', turns: take(1), afterMs: 0 });
  while (left > 0) {
    const what = random.weighted(KINDS);
    if (what === 'queue') {
      const turns = take(random.int(1, MAX_AT_ONCE));
      left -= turns.length - 1;
      add({ what, turns, afterMs: afterMs() });
    } else if (what === 'interrupt') add({ what, turn: take(1)[0]!, afterMs: afterMs() });
    else if (what === 'move') add({ what, pick: random.next(), place: random.int(1, 4), afterMs: afterMs() });
    else if (what === 'send' || what === 'remove' || what === 'edit')
      add({ what, pick: random.next(), afterMs: afterMs() });
    else add({ what, afterMs: afterMs() });
  }
  return { first: { ...planTurn('first'), cancelAfterMs: null }, steps };
}
