/**
 * How many characters a frame takes. A frame has 16 ms, most of which the browser needs for layout and painting, and
 * what these cost depends on the text, the page and the device. So they are measured, and the pace follows.
 */
export interface Pace {
  /** Begins a step, and returns how many characters it may take. */
  begin(): number;
  /** Ends it: `taken` characters were added to the element. */
  end(element: HTMLElement, taken: number): void;
}

/** For script and layout. Style, painting and the rest of the page need twice as much on top of it. */
const GOAL_MS = 4;
const FIRST_PACE = 500;
const MIN_PACE = 200;
const MAX_PACE = 8_000;
/** A pace changes by no more than this from one step to the next, because a single measurement may be disturbed. */
const MAX_CHANGE = 2;

export function createPace(now: () => number): Pace {
  let pace = FIRST_PACE;
  let startedAt = 0;
  return {
    begin() {
      startedAt = now();
      return pace;
    },
    end(element, taken) {
      // A model that writes a few words in a frame needs no measurement, and no layout before its time.
      if (taken < MIN_PACE) return;
      element.getBoundingClientRect();
      const ms = Math.max(now() - startedAt, 0.5);
      const fitting = (taken * GOAL_MS) / ms;
      pace = Math.min(MAX_PACE, pace * MAX_CHANGE, Math.max(MIN_PACE, pace / MAX_CHANGE, fitting));
    },
  };
}
