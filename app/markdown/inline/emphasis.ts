import { classAfter, classBefore, isCjkClass, isPunctuationClass, type CharacterClass } from './characters.ts';
import type { Mark, Run } from './tokens.ts';

/**
 * The run of marks from `at` to `end`, and whether it can open or close emphasis by CommonMark's rules, amended for
 * Chinese, Japanese and Korean.
 */
export function runAt(text: string, at: number, end: number): Run {
  const sign = text[at] as Run['sign'];
  const before = classBefore(text, at);
  const after = classAfter(text, end);
  const isLeft = flanks(after, before);
  const isRight = flanks(before, after);
  const isWordSign = sign === '_';
  // Text is struck through only by two `~`. One `~` means "about", and three are a fence.
  const counts = sign !== '~' || end - at === 2;
  return {
    kind: 'run',
    at,
    sign,
    length: end - at,
    left: end - at,
    canOpen: counts && isLeft && (!isWordSign || !isRight || isPunctuationClass(before)),
    canClose: counts && isRight && (!isWordSign || !isLeft || isPunctuationClass(after)),
    closes: [],
    opens: [],
    before: null,
    after: null,
  };
}

/**
 * True if a run of marks can begin or end emphasis of the text on one side of the run ("flanking" in CommonMark). `inner`: the class
 * of the first character on this side. `outer`: the class of the first character on the other side.
 */
const flanks = (inner: CharacterClass, outer: CharacterClass): boolean =>
  inner !== 'space' && (inner !== 'punctuation' || outer === 'space' || outer === 'punctuation' || isCjkClass(outer));

/** The runs that have no partner yet: a linked list, from which paired runs are removed. */
export interface Runs {
  last: Run | null;
}

export function addRun(runs: Runs, run: Run): void {
  run.before = runs.last;
  if (runs.last) runs.last.after = run;
  runs.last = run;
}

/** True if an odd number of runs of this sign and length came before, so that a further one may close emphasis. */
export function isOpen(runs: Runs, { sign, length }: Run): boolean {
  let found = false;
  for (let run = runs.last; run; run = run.before) if (run.sign === sign && run.length === length) found = !found;
  return found;
}

/** Forgets the runs after `bottom`. */
export function cutRuns(runs: Runs, bottom: Run | null): void {
  runs.last = bottom;
  if (bottom) bottom.after = null;
}

/**
 * Pairs the runs after `bottom`. Searches without success are remembered, so each run is visited a limited number of
 * times.
 */
export function pairRuns(runs: Runs, bottom: Run | null): void {
  if (runs.last === bottom) return;
  const bottoms = new Map<string, Run | null>();
  let closer = bottom ? bottom.after : firstOf(runs.last);
  while (closer) {
    if (!closer.canClose) {
      closer = closer.after;
      continue;
    }
    const key = `${closer.sign}${closer.canOpen}${closer.length % 3}`;
    const stop: Run | null = bottoms.get(key) ?? bottom;
    const opener = openerFor(closer, bottom, stop);
    if (!opener) {
      const next: Run | null = closer.after;
      bottoms.set(key, closer.before);
      if (!closer.canOpen) remove(runs, closer);
      closer = next;
      continue;
    }
    pair(opener, closer);
    // The runs between the opener and the closer have no partner, so they leave the list.
    opener.after = closer;
    closer.before = opener;
    if (opener.left === 0) remove(runs, opener);
    if (closer.left === 0) {
      const next: Run | null = closer.after;
      remove(runs, closer);
      closer = next;
    }
  }
}

function openerFor(closer: Run, bottom: Run | null, stop: Run | null): Run | null {
  for (let run = closer.before; run && run !== bottom && run !== stop; run = run.before) {
    if (run.sign === closer.sign && run.canOpen && mayPair(run, closer)) return run;
  }
  return null;
}

const mayPair = (opener: Run, closer: Run): boolean =>
  !((closer.canOpen || opener.canClose) && closer.length % 3 !== 0 && (opener.length + closer.length) % 3 === 0) ||
  closer.sign === '~';

function pair(opener: Run, closer: Run): void {
  const count = opener.left >= 2 && closer.left >= 2 ? 2 : 1;
  const mark: Mark = closer.sign === '~' ? 'del' : count === 2 ? 'strong' : 'em';
  opener.left -= count;
  closer.left -= count;
  opener.opens.push(mark);
  closer.closes.push(mark);
}

function remove(runs: Runs, run: Run): void {
  if (run.before) run.before.after = run.after;
  if (run.after) run.after.before = run.before;
  else if (runs.last === run) runs.last = run.before;
}

function firstOf(run: Run | null): Run | null {
  let first = run;
  while (first?.before) first = first.before;
  return first;
}
