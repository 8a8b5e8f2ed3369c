import type { Definition } from './link-parts.ts';
import type { View } from '../view.ts';

/** A part of a text. Two paired runs become an element. A bracket and its link end also become an element. */
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
  /** Number of signs of this run that have no partner yet. */
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
  /** The position after the bracket. */
  from: number;
  /** The index of the bracket among the tokens. */
  index: number;
  /** The last unpaired run before the bracket. */
  lastRun: Run | null;
  /** True if another bracket was opened after this one, before this one was closed. */
  hasBracket: boolean;
  /** `hidden`: the bracket is not shown, because the text that decides what it becomes is still to come. */
  becomes: Definition | 'hidden' | null;
}

export interface LinkEnd {
  kind: 'link end';
}
