import { expect, test } from 'vitest';
import { createFold, type Chunk } from '../../../shared/stream/fold.ts';
import { unfold } from '../../../shared/stream/unfold.ts';
import { thoughtMs } from '../../../shared/chat/thought-time.ts';
import { createThoughtClock } from './thought-clock.ts';

/** Folds chunks that arrive at these times, in milliseconds. */
function fold(arriving: [ms: number, chunk: Chunk][]) {
  let now = 0;
  const message = createFold('m1');
  const clock = createThoughtClock(
    () => message.open,
    () => now,
  );
  for (const [ms, chunk] of arriving) {
    now = ms;
    message.take(clock.timed(chunk));
  }
  return message.message;
}
const start = { type: 'reasoning-start', id: 'r' };
const delta = { type: 'reasoning-delta', id: 'r', delta: 'Hm.' };

test('a thought keeps its duration, even when the message is written again', () => {
  const message = fold([
    [100, start],
    [900, delta],
    [3100, { type: 'reasoning-end', id: 'r' }],
  ]);
  expect(thoughtMs(message.parts[0]!)).toBe(3000);
  const again = createFold('m1');
  for (const chunk of unfold(message)) again.take(chunk);
  expect(thoughtMs(again.message.parts[0]!)).toBe(3000);
});

test('a thought that a provider ends together with the answer lasted until the text began', () => {
  const message = fold([
    [0, start],
    [2000, { type: 'text-start', id: 't' }],
    [9000, { type: 'reasoning-end', id: 'r' }],
  ]);
  expect(thoughtMs(message.parts[0]!)).toBe(2000);
});

test('a signature that came before the end of the thought stays', () => {
  const google = { thoughtSignature: 'abc' };
  const message = fold([
    [0, start],
    [500, { ...delta, providerMetadata: { google } }],
    [1000, { type: 'reasoning-end', id: 'r' }],
  ]);
  expect(message.parts[0]!.providerMetadata).toEqual({ google, rejoin: { thoughtMs: 1000 } });
});

test('the end of a thought that began in another process adds no part, and a time that is not a number is unknown', () => {
  const message = fold([[0, { type: 'reasoning-end', id: 'r' }]]);
  expect(message.parts).toEqual([]);
  expect(thoughtMs({ providerMetadata: { rejoin: { thoughtMs: 'long' } } })).toBe(null);
  expect(thoughtMs({ providerMetadata: null })).toBe(null);
});
