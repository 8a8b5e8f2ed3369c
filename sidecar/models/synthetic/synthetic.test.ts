import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { RejoinError } from '../../../shared/errors.ts';
import { collect, fold, request, textOf, types } from '../testing/collect.ts';
import { createDeadlineTimer, monotonicUs } from './deadline-timer.ts';
import { ModelError, type ChunkSink } from '../model.ts';
import { parseSyntheticId } from './synthetic-id.ts';
import { createSyntheticModel } from './synthetic.ts';

const timer = createDeadlineTimer();
const model = (options: string) => createSyntheticModel(parseSyntheticId(`synthetic/${options}`), timer);

/** Decodes deltas by the layout that synthetic-delta.ts documents, without the code of that file. */
function decode(text: string, chars: number) {
  const deltas = [];
  for (let at = 0; at < text.length; at += chars) {
    deltas.push({
      seq: parseInt(text.slice(at, at + 6), 36),
      emitUs: parseInt(text.slice(at + 6, at + 16), 36),
      latenessUs: parseInt(text.slice(at + 16, at + 20), 36) * 100,
    });
  }
  return deltas;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('an answer', () => {
  test('is one text part in one step', async () => {
    const { chunks, error } = await collect(model('3x25@0'), request());
    expect(error).toBeNull();
    expect(types(chunks)).toEqual(['start-step', 'text-start', 'text-delta', 'text-end', 'finish-step', 'finish']);
    expect(chunks.filter((chunk) => chunk.type.startsWith('text')).every((chunk) => chunk.id === '0')).toBe(true);
    expect(fold(chunks).parts).toHaveLength(2);
  });

  test.each([20, 21, 64, 1000])(
    'has deltas of exactly %i characters, numbered from 0, with the time in them',
    async (chars) => {
      const beforeUs = monotonicUs();
      const { chunks } = await collect(model(`700x${chars}@0`), request());
      const deltas = chunks.filter((chunk) => chunk.type === 'text-delta').map((chunk) => String(chunk.delta));
      expect(deltas.every((delta) => delta.length === chars && JSON.stringify(delta).length === chars + 2)).toBe(true);
      const decoded = decode(deltas.join(''), chars);
      expect(decoded.map(({ seq }) => seq)).toEqual(numbers(0, 700));
      for (const { emitUs, latenessUs } of decoded) {
        expect(emitUs).toBeGreaterThanOrEqual(beforeUs);
        expect(emitUs).toBeLessThanOrEqual(monotonicUs());
        expect(latenessUs).toBe(0);
      }
    },
  );

  test('arrives at the requested rate, and each delta says how late it was', async () => {
    const startUs = monotonicUs();
    const { chunks } = await collect(model('40x20@400?startDelayMs=30&holdMs=40'), request());
    const tookMs = (monotonicUs() - startUs) / 1000;
    expect(tookMs).toBeGreaterThanOrEqual(30 + 39 * 2.5 + 40 - 1);
    const deltas = decode(textOf(chunks), 20);
    const firstDueUs = deltas[0]!.emitUs - deltas[0]!.latenessUs;
    expect(firstDueUs).toBeGreaterThanOrEqual(startUs + 30_000 - 100);
    deltas.forEach(({ emitUs, latenessUs }, index) => {
      expect(latenessUs).toBeGreaterThanOrEqual(0);
      expect(Math.abs(emitUs - latenessUs - (firstDueUs + index * 2500))).toBeLessThanOrEqual(100);
    });
  });
});

describe('a model that is asked to continue a partial answer', () => {
  const chars = 30;
  const whole = async () => textOf((await collect(model(`8x${chars}@0`), request())).chunks);
  const partialOf = (text: string) => ({ id: 'a1', role: 'assistant' as const, parts: [{ type: 'text', text }] });

  test('continues with the next number, wherever the partial answer ends', async () => {
    const text = await whole();
    for (let cut = 0; cut <= text.length; cut += 1) {
      const partial = partialOf(text.slice(0, cut));
      const { chunks } = await collect(model(`8x${chars}@0`), request({ partial }));
      const together = text.slice(0, cut) + textOf(chunks);
      expect(together).toHaveLength(text.length);
      expect(decode(together, chars).map(({ seq }) => seq)).toEqual(numbers(0, 8));
      expect(types(chunks).at(-1)).toBe('finish');
    }
  });

  test('first repeats as many characters as it was told to', async () => {
    const text = (await whole()).slice(0, 3 * chars);
    const { chunks } = await collect(model(`8x${chars}@0?repeat=45`), request({ partial: partialOf(text) }));
    expect(textOf(chunks).slice(0, 45)).toBe(text.slice(-45));
    expect(decode(textOf(chunks).slice(45), chars).map(({ seq }) => seq)).toEqual(numbers(3, 8));
    expect(model(`8x${chars}@0?repeat=45`).continuation).toBe('repeats');
  });

  test('refuses if it was told to, and the error says so', async () => {
    const { chunks, error } = await collect(model('8x30@0?refuse=1'), request({ partial: partialOf('x'.repeat(30)) }));
    expect(chunks).toEqual([]);
    expect(error).toMatchObject({ name: 'ModelError', continuationRefused: true });
    expect(model('8x30@0?refuse=1').continuation).toBe('refuses');
    expect(model('8x30@0').continuation).toBe('exact');
  });

  test('gets past the place where it failed or stalled before', async () => {
    const failed = await collect(model('8x30@0?failAt=5'), request());
    expect(failed.error).toMatchObject({ name: 'ModelError', retryable: true });
    expect(decode(textOf(failed.chunks), 30)).toHaveLength(5);
    for (const options of ['failAt=5', 'stallAt=5', 'failAt=3']) {
      const resumed = await collect(model(`8x30@0?${options}`), request({ partial: fold(failed.chunks) }));
      expect(resumed.error).toBeNull();
      expect(decode(textOf(resumed.chunks), 30).map(({ seq }) => seq)).toEqual([5, 6, 7]);
    }
  });

  test('fails again if it was told to fail before the first delta', async () => {
    for (const partial of [undefined, partialOf('')]) {
      const { chunks, error } = await collect(model('8x30@0?failAt=0'), request({ partial }));
      expect(textOf(chunks)).toBe('');
      expect(error).toBeInstanceOf(ModelError);
    }
  });
});

describe('an abort', () => {
  test.each(['8x30@0?stallAt=2', '1000x30@50', '8x30@0?startDelayMs=60000', '8x30@0?holdMs=60000'])(
    'soon ends the answer of %s, without an error',
    async (options) => {
      const abort = new AbortController();
      const startedMs = performance.now();
      setTimeout(() => abort.abort(), 20);
      const { chunks, error } = await collect(model(options), request({ signal: abort.signal }));
      expect(error).toBeNull();
      expect(chunks.some((chunk) => chunk.type === 'finish')).toBe(false);
      expect(performance.now() - startedMs).toBeLessThan(1000);
    },
  );

  test('that comes before the call gives an answer without chunks', async () => {
    expect(await collect(model('8x30@0'), request({ signal: AbortSignal.abort() }))).toEqual({
      chunks: [],
      error: null,
    });
  });

  test('happens if the caller stops iterating, so a long answer does not hold up the next call', async () => {
    for await (const chunk of model('10000000x20@0').stream(request())) {
      if (chunk.type === 'text-delta') break;
    }
    const { chunks } = await collect(model('2x20@0'), request());
    expect(types(chunks).at(-1)).toBe('finish');
  });
});

describe('pushing', () => {
  function push(options: string, sink: Partial<ChunkSink>, signal = new AbortController().signal) {
    const chunks: Chunk[] = [];
    const over = Promise.withResolvers<ModelError | null>();
    const flow = model(options).push!(request({ signal }), {
      chunk: (chunk) => {
        chunks.push(chunk);
        return sink.chunk?.(chunk);
      },
      end: () => over.resolve(null),
      fail: over.resolve,
    });
    return { flow, chunks, over: over.promise };
  }

  test('begins only after `push` has returned', async () => {
    const { chunks, over } = push('5x20@0', {});
    expect(chunks).toEqual([]);
    expect(await over).toBeNull();
    expect(decode(textOf(chunks), 20)).toHaveLength(5);
  });

  test('pauses when told to, and goes on only when resumed', async () => {
    let room = 10;
    const { flow, chunks, over } = push('1000x20@0', { chunk: () => (room -= 1) > 0 });
    await vi.waitFor(() => expect(chunks).toHaveLength(10));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(chunks).toHaveLength(10);
    room = 5;
    flow.resume();
    expect(chunks).toHaveLength(15);
    room = Infinity;
    flow.resume();
    expect(await over).toBeNull();
    expect(decode(textOf(chunks), 20).map(({ seq }) => seq)).toEqual(numbers(0, 1000));
  });

  test('catches up with its schedule after a pause', async () => {
    let room = 3;
    const { flow, chunks, over } = push('50x20@1000', { chunk: () => (room -= 1) > 0 });
    await vi.waitFor(() => expect(chunks).toHaveLength(3));
    await delay(60);
    room = Infinity;
    flow.resume();
    expect(decode(textOf(chunks), 20).length).toBeGreaterThan(40);
    expect(await over).toBeNull();
    expect(Math.max(...decode(textOf(chunks), 20).map(({ latenessUs }) => latenessUs))).toBeGreaterThan(40_000);
  });

  test('ends at an abort even while it is paused', async () => {
    const abort = new AbortController();
    const { chunks, over } = push('1000x20@0', { chunk: () => false }, abort.signal);
    await vi.waitFor(() => expect(chunks).toHaveLength(1));
    abort.abort();
    expect(await over).toBeNull();
    expect(chunks).toHaveLength(1);
  });

  test('reports a failure to the sink', async () => {
    const { over } = push('10x20@0?failAt=4', {});
    expect(await over).toBeInstanceOf(ModelError);
  });

  test('lets the event loop run during a long answer', async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    let done = false;
    setImmediate(count);
    const { over } = push('10000x20@0', {});
    await over;
    done = true;
    expect(turns).toBeGreaterThan(20);
  });
});

describe('a synthetic id', () => {
  test('is read into parameters, and options that are left out get their defaults', () => {
    expect(
      parseSyntheticId('synthetic/10x20@0.5?startDelayMs=1&holdMs=2&failAt=3&stallAt=4&repeat=16&refuse=1'),
    ).toEqual({
      chunks: 10,
      chunkChars: 20,
      ratePerSecond: 0.5,
      startDelayMs: 1,
      holdMs: 2,
      failAt: 3,
      stallAt: 4,
      repeat: 16,
      refuse: true,
    });
    expect(parseSyntheticId('synthetic/10000000x100000@0')).toMatchObject({
      startDelayMs: 0,
      failAt: null,
      refuse: false,
    });
  });

  test('with an option twice is refused, and the error says so', () => {
    expect(() => parseSyntheticId('synthetic/10x20@1?holdMs=1&holdMs=2')).toThrow(
      expect.objectContaining({ details: { detail: expect.stringContaining('holdMs is given twice') } }),
    );
  });

  test.each([
    'synthetic/',
    'synthetic/10x20',
    'synthetic/0x20@1',
    'synthetic/10000001x20@1',
    'synthetic/10x19@1',
    'synthetic/10x100001@1',
    'synthetic/10x20@-1',
    'synthetic/10x20@1e3',
    'synthetic/10x20@1?',
    'synthetic/10x20@1?nope=1',
    'synthetic/10x20@1?__proto__=1',
    'synthetic/10x20@1?holdMs=1&holdMs=2',
    'synthetic/10x20@1?holdMs=86400001',
    'synthetic/10x20@1?repeat=15',
    'synthetic/10x20@1?refuse=0',
    'synthetic/10x20@1?holdMs=',
    'synthetic/10x20@1 ',
    'synthetic/10x20@1\n',
  ])('%j is refused, and the error shows the right form', (modelId) => {
    const error = (() => {
      try {
        return parseSyntheticId(modelId);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(RejoinError);
    expect(error).toMatchObject({
      code: 'unknown_model',
      details: { detail: expect.stringContaining('synthetic/<chunks') },
    });
  });
});
