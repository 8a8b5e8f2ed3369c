/**
 * Each delta of the synthetic model contains its number and the time when it was emitted. So a reader can check order
 * and completeness, and measure latency, from the text alone. A delta consists of the fields below, with their widths in
 * characters. All fields but the filler are numbers in base 36, padded with zeros.
 *
 *     sequence number (6) + time of emission in µs on CLOCK_MONOTONIC (10) + lateness in units of 100 µs (4) + filler
 */
export interface Delta {
  seq: number;
  /** When the delta is emitted. */
  emitUs: number;
  /** When the delta was due at the requested rate. */
  dueUs: number;
}

const HEAD_CHARS = 20;
const MAX_LATENESS = 36 ** 4 - 1;
const FILLER = 'while the reader is away the answer is written on ';

/** The text of a delta of exactly `chars` characters; `chars` must be at least 20. */
export function encodeDelta({ seq, emitUs, dueUs }: Delta, chars: number): string {
  const lateness = Math.min(Math.max(Math.round((emitUs - dueUs) / 100), 0), MAX_LATENESS);
  const head = digits(seq, 6) + digits(emitUs, 10) + digits(lateness, 4);
  return chars === HEAD_CHARS ? head : head + filler(chars - HEAD_CHARS);
}

/** Writes a number in base 36, two digits at a time, because `toString(36)` of a large number is slow. `width` is even. */
function digits(value: number, width: number): string {
  let text = '';
  for (let rest = value; text.length < width; rest = Math.floor(rest / PAIRS.length)) {
    text = PAIRS[rest % PAIRS.length]! + text;
  }
  return text;
}

const PAIRS = Array.from({ length: 36 * 36 }, (_, value) => value.toString(36).padStart(2, '0'));

const filler = (chars: number): string => FILLER.repeat(Math.ceil(chars / FILLER.length)).slice(0, chars);
