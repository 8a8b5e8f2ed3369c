import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { request } from '../testing/collect.ts';
import { ModelError, type ChunkSink } from '../model.ts';
import { pull } from './push.ts';

const chunk = (index: number): Chunk => ({ type: 'text-delta', id: '0', delta: String(index) });

/** A model that pushes numbered chunks until it is paused or aborted, and counts the chunks. */
function endless() {
  let pushed = 0;
  let paused = false;
  let aborted = false;
  const push = ({ signal }: { signal: AbortSignal }, sink: ChunkSink) => {
    signal.addEventListener('abort', () => {
      aborted = true;
      sink.end();
    });
    const run = () => {
      for (let burst = 0; burst < 100 && !aborted && !paused; burst += 1)
        paused = sink.chunk(chunk(pushed++)) === false;
      if (!aborted && !paused) setImmediate(run);
    };
    setImmediate(run);
    const resume = () => {
      if (!paused) return;
      paused = false;
      run();
    };
    return { resume };
  };
  return { push, pushed: () => pushed, aborted: () => aborted };
}

test('at most 256 chunks wait for a slow reader, no chunk is lost, and the model is aborted when the reader leaves', async () => {
  const source = endless();
  let taken = 0;
  for await (const { delta } of pull(source.push, request())) {
    expect(delta).toBe(String(taken++));
    expect(source.pushed() - taken).toBeLessThanOrEqual(256);
    if (taken % 100 === 0) await nextTurn();
    if (taken === 2000) break;
  }
  expect(source.aborted()).toBe(true);
});

test('a failure is thrown after the chunks that came before it', async () => {
  const failing = (_request: unknown, sink: ChunkSink) => {
    setImmediate(() => {
      sink.chunk(chunk(0));
      sink.chunk(chunk(1));
      sink.fail(new ModelError('no more', { retryable: true }));
    });
    return { resume() {} };
  };
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const { delta } of pull(failing, request())) seen.push(delta);
  })();
  await expect(reading).rejects.toThrow('no more');
  expect(seen).toEqual(['0', '1']);
});
