import type { Definition } from './link-parts.ts';
import type { View } from '../view.ts';

/** A part of a text. A pair of runs, or a bracket and a link end, becomes an element. */
export type Token = string | ViewToken | Run | Bracket | LinkEnd;

/** A finished piece: code, a line break, a formula. */
export interface ViewToken {
  kind: 'view';
  view: View;
}

export type Mark = 'em' | 'strong' | 'del';

/** One or more `*`, `_` or `~` in a row, which may begin and end emphasis. */
export interface Run {
  kind: 'run';
  at: number;
  sign: '*' | '_' | '~';
  length: number;
  /** Number of its signs without a partner. */
  left: number;
  canOpen: boolean;
  canClose: boolean;
  /** The elements that end here, in the order of their ends. */
  closes: Mark[];
  /** The elements that begin here, the inner ones first. */
  opens: Mark[];
  before: Run | null;
  after: Run | null;
}

/** `[` or `![`. */
export interface Bracket {
  kind: 'bracket';
  isImage: boolean;
  /** Where its content begins. */
  from: number;
  /** Its index among the tokens. */
  index: number;
  /** The last run before it. */
  lastRun: Run | null;
  /** True if another bracket was opened in it. */
  hasBracket: boolean;
  /** `hidden`: the bracket is not shown, because the text that decides what it becomes is still to come. */
  becomes: Definition | 'hidden' | null;
}

export interface LinkEnd {
  kind: 'link end';
}
