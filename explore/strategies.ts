import type { Random } from './random.ts';
import type { Option } from './world.ts';

/** Chooses what happens next: an index into the options. `state` returns a text that is the same for equal states of the run. */
export type Strategy = (options: readonly Option[], state: () => string) => number;

/** Ordinary steps are likelier than faults, so that a run makes progress. */
const WEIGHTS: Record<Option['kind'], number> = { step: 20, time: 8, person: 10, fault: 1 };

export const randomWalk =
  (random: Random): Strategy =>
  (options) => {
    const total = options.reduce((sum, { kind }) => sum + WEIGHTS[kind], 0);
    let at = random.next() * total;
    return Math.max(
      0,
      options.findIndex(({ kind }) => (at -= WEIGHTS[kind]) < 0),
    );
  };

/** Approximate number of choices in a run. The change points of {@link pct} are spread over them. */
const LENGTH = 80;

/**
 * Probabilistic concurrency testing (Burckhardt and others, ASPLOS 2010). Every actor has a random priority, and the actor with
 * the highest priority goes on. At each of `depth` change points, the priority of this actor is lowered below all others. If a bug
 * needs `depth` steps in a certain order, one run finds it with a probability of at least 1 / (actors × choices^(depth − 1)). A
 * random walk may need exponentially many runs. Faults and time are separate actors.
 */
export function pct(random: Random, depth: number): Strategy {
  const priorities = new Map<string, number>();
  const changes = new Set(Array.from({ length: depth }, () => random.below(LENGTH)));
  let step = 0;
  let lowest = 0;
  const actorOf = ({ kind, actor }: Option) => `${kind} ${actor}`;
  const priorityOf = (option: Option): number => {
    const actor = actorOf(option);
    let priority = priorities.get(actor);
    // Faults begin with a lower priority than all other actors, so that a run does not begin with a fault. Instead, a change point may
    // choose a fault (see below).
    if (priority === undefined) priorities.set(actor, (priority = random.next() - (option.kind === 'fault' ? 1 : 0)));
    return priority;
  };
  return (options) => {
    let best = 0;
    options.forEach((option, i) => {
      if (priorityOf(option) > priorityOf(options[best]!)) best = i;
    });
    if (changes.has(step++)) {
      const faults = options.flatMap(({ kind }, i) => (kind === 'fault' ? [i] : []));
      if (faults.length > 0 && random.below(2) === 0) return faults[random.below(faults.length)]!;
      priorities.set(actorOf(options[best]!), (lowest -= 1) - 1);
    }
    return best;
  };
}

/** Makes the same choices again, by their labels. If no option has the label, or all labels are used up, takes the first option. */
export function replay(labels: readonly string[]): Strategy {
  let step = 0;
  return (options) => {
    const label = labels[step++];
    return Math.max(
      0,
      options.findIndex((option) => option.label === label),
    );
  };
}
