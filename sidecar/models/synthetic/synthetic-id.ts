import { RejoinError } from '../../../shared/errors.ts';

/** The parameters of a synthetic model id. */
export interface SyntheticParams {
  /** Number of text deltas in the answer. */
  chunks: number;
  /** Characters in each delta. */
  chunkChars: number;
  /** Deltas per second. 0: as fast as they are read. */
  ratePerSecond: number;
  /** Silence before the first delta. */
  startDelayMs: number;
  /** Silence after the last delta, before the end. */
  holdMs: number;
  /**
   * The call fails once the answer has this many deltas. A call that continues a non-empty answer which already has this many
   * deltas does not fail.
   */
  failAt: number | null;
  /**
   * Once the answer has this many deltas, the call goes silent until it is aborted. A call that continues a non-empty answer which
   * already has this many deltas does not go silent.
   */
  stallAt: number | null;
  /** A continuation first repeats this many characters of the end of the partial answer. 0: none. */
  repeat: number;
  /** The model refuses to continue a partial answer. */
  refuse: boolean;
}

export const SYNTHETIC_PREFIX = 'synthetic/';

export const SYNTHETIC_GRAMMAR =
  'synthetic/<chunks 1-10000000>x<characters 20-100000>@<chunks per second, 0 = as fast as they are read>' +
  '[?startDelayMs=<ms>&holdMs=<ms>&failAt=<chunks>&stallAt=<chunks>&repeat=<characters, from 16>&refuse=1]';

const ID = /^synthetic\/(\d{1,8})x(\d{1,6})@(\d{1,6}(?:\.\d{1,3})?)(?:\?(.+))?$/;
const MAX_CHUNKS = 10_000_000;
const MIN_CHUNK_CHARS = 20;
const MAX_CHUNK_CHARS = 100_000;
const MAX_MS = 86_400_000;
/** A repetition of this length is always removed by text/overlap.ts. A much shorter repetition may be a coincidence and is kept. */
const MIN_REPEAT_CHARS = 16;

/** Reads `synthetic/<chunks>x<chars>@<rate>?…`. Throws `unknown_model`, with the grammar, for anything else. */
export function parseSyntheticId(modelId: string): SyntheticParams {
  const match = ID.exec(modelId);
  if (!match) throw malformed('the id has the wrong form');
  const options = readOptions(match[4]);
  return {
    chunks: inRange('chunks', Number(match[1]), 1, MAX_CHUNKS),
    chunkChars: inRange('characters', Number(match[2]), MIN_CHUNK_CHARS, MAX_CHUNK_CHARS),
    ratePerSecond: Number(match[3]),
    startDelayMs: options.number('startDelayMs', 0, MAX_MS) ?? 0,
    holdMs: options.number('holdMs', 0, MAX_MS) ?? 0,
    failAt: options.number('failAt', 0, MAX_CHUNKS),
    stallAt: options.number('stallAt', 0, MAX_CHUNKS),
    repeat: options.number('repeat', MIN_REPEAT_CHARS, MAX_CHUNK_CHARS) ?? 0,
    refuse: options.number('refuse', 1, 1) === 1,
  };
}

const OPTIONS = ['startDelayMs', 'holdMs', 'failAt', 'stallAt', 'repeat', 'refuse'] as const;

function readOptions(query: string | undefined) {
  const given = new Map<string, string>();
  for (const pair of query?.split('&') ?? []) {
    const [, name, digits] = /^([A-Za-z]+)=(\d{1,9})$/.exec(pair) ?? [];
    if (!OPTIONS.some((option) => option === name)) throw malformed(`"${pair}" is not an option`);
    if (given.has(name!)) throw malformed(`${name} is given twice`);
    given.set(name!, digits!);
  }
  return {
    number(name: (typeof OPTIONS)[number], min: number, max: number): number | null {
      const digits = given.get(name);
      return digits === undefined ? null : inRange(name, Number(digits), min, max);
    },
  };
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (value < min || value > max) throw malformed(`${name} must be ${min} to ${max}`);
  return value;
}

const malformed = (reason: string): RejoinError =>
  new RejoinError('unknown_model', { detail: `Not a synthetic model: ${reason}. Expected ${SYNTHETIC_GRAMMAR}` });
