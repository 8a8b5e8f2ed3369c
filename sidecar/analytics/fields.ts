import { FIRST_TOKEN_MS_BOUNDS, TOKENS_PER_SECOND_BOUNDS } from '../../shared/histogram.ts';
import type { ModelFigures, PeriodFigures } from '../../shared/analytics.ts';

/**
 * The name of one field in the counts of an hour: `<what>` or `<what>|<which>`, for example `started`, `error|stalled`,
 * `model.started|demo`, `model.firstToken.7|demo`.
 */
export const fieldOf = (what: string, which?: string): string => (which === undefined ? what : `${what}|${which}`);

type Fields = Readonly<Record<string, number>>;
type ModelCount = Exclude<keyof ModelFigures, 'firstTokenMs' | 'tokensPerSecond'>;
const MODEL_COUNTS: readonly ModelCount[] = ['started', 'completed', 'error', 'cancelled', 'tokens'];

export function figuresIn(start: string, fields: Fields): PeriodFigures {
  const at = (what: string) => fields[what] ?? 0;
  const byWhich = (what: string) => countsOf(fields, what);
  const models = new Set(Object.keys(fields).flatMap((name) => (name.startsWith('model.') ? [whichOf(name)] : [])));
  const samples = at('memory.samples');
  return {
    start,
    started: at('started'),
    queued: at('queued'),
    branched: at('branched'),
    completed: at('completed'),
    error: at('error'),
    cancelled: at('cancelled'),
    errors: byWhich('error'),
    refused: byWhich('refused'),
    resumes: byWhich('resume'),
    reads: byWhich('read'),
    takeovers: byWhich('takeover'),
    templates: byWhich('template'),
    sharesMade: byWhich('share.made'),
    sharesOpened: byWhich('share.opened'),
    models: Object.fromEntries([...models].map((model) => [model, modelFigures(fields, model)])),
    cleanup: {
      runs: at('cleanup.runs'),
      scanned: at('cleanup.scanned'),
      removed: at('cleanup.removed'),
      mended: at('cleanup.mended'),
      recovered: at('cleanup.recovered'),
    },
    memory:
      samples === 0
        ? null
        : { meanBytes: at('memory.sum') / samples, maxBytes: at('memory.max'), limitBytes: at('memory.limit') },
  };
}

const whichOf = (name: string): string => name.slice(name.indexOf('|') + 1);

function countsOf(fields: Fields, what: string): Record<string, number> {
  const names = Object.keys(fields).filter((name) => name.startsWith(`${what}|`));
  return Object.fromEntries(names.map((name) => [whichOf(name), fields[name]!]));
}

function modelFigures(fields: Fields, model: string): ModelFigures {
  const at = (what: string) => fields[fieldOf(`model.${what}`, model)] ?? 0;
  const histogram = (what: string, bounds: readonly number[]) =>
    Array.from({ length: bounds.length + 1 }, (_, bin) => at(`${what}.${bin}`));
  return {
    ...(Object.fromEntries(MODEL_COUNTS.map((what) => [what, at(what)])) as Record<ModelCount, number>),
    firstTokenMs: histogram('firstToken', FIRST_TOKEN_MS_BOUNDS),
    tokensPerSecond: histogram('speed', TOKENS_PER_SECOND_BOUNDS),
  };
}

/** Fields that hold a maximum. All others are sums. */
export const isMaximum = (name: string): boolean => name === 'memory.max' || name === 'memory.limit';
