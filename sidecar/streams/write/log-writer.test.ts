import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import type { Batch } from '../../store/streams/stream-store.ts';
import { createRandom, randomText } from '../../../testing/random.ts';
import { framesOf, textDelta } from '../../../testing/sample-stream.ts';
import { framesIn } from '../../../testing/whole-log.ts';
import { createLiveLog, KEEP_BYTES } from '../log/live-log.ts';
import { createLogWriter } from './log-writer.ts';
import { chunksIn } from '../log/read-frames.ts';

const EPOCH = '1abcd';

/** A writer without a store: the test itself answers its appends. */
function createWriter() {
  const first = framesOf([{ type: 'start', messageId: 'm1' }], EPOCH, 0);
  const live = createLiveLog(0, null);
  live.push(first);
  live.show(first.length);
  const schedule = vi.fn();
  const onFramed = vi.fn();
  const onFenced = vi.fn();
  const onLost = vi.fn();
  const writer = createLogWriter({
    streamId: 's',
    epoch: EPOCH,
    live,
    hash: createHash('sha256').update(first),
    commit: { schedule, stop: () => {} },
    onFramed,
    onFenced,
    onLost,
  });
  let shown = first;
  live.join({ deliver: (bytes) => ((shown = Buffer.concat([shown, bytes])), true), release: () => {} });
  const next = (): Batch => {
    const batch = writer.source.next();
    if (batch === null) throw new Error('there is nothing to append');
    return batch;
  };
  return {
    live,
    writer,
    schedule,
    onFramed,
    onFenced,
    onLost,
    first: first.length,
    next,
    /** The bytes that a waiting reader has received. */
    shown: () => shown,
    /** Lets the next append succeed. */
    append() {
      const batch = next();
      writer.source.settle({ what: 'appended', length: batch.position + batch.bytes.length });
      return batch;
    },
    chunksOf: (batch: Batch) => [...chunksIn(batch.bytes)],
  };
}

const reasoningDelta = (delta: string): Chunk => ({ type: 'reasoning-delta', id: '0', delta });

describe('a log writer', () => {
  test('stores written chunks, and then shows them', () => {
    const { writer, next, shown, first, chunksOf } = createWriter();
    writer.write(textDelta('Hello'));
    const batch = next();
    expect(batch).toMatchObject({ streamId: 's', epoch: EPOCH, position: first });
    expect(chunksOf(batch)).toEqual([textDelta('Hello')]);
    expect(shown().length).toBe(first);
    writer.source.settle({ what: 'appended', length: first + batch.bytes.length });
    expect(shown().subarray(first)).toEqual(batch.bytes);
    expect([writer.stored, writer.end]).toEqual([shown().length, shown().length]);
  });

  test('reports chunks once they are framed, joined as in the log', () => {
    const { writer, append, onFramed } = createWriter();
    for (const text of ['one, ', 'two, ', 'three']) writer.write(textDelta(text));
    expect(onFramed).not.toHaveBeenCalled();
    append();
    expect(onFramed.mock.calls).toEqual([[textDelta('one, two, three')]]);
    writer.write(textDelta('four'));
    writer.frame();
    expect(onFramed).toHaveBeenLastCalledWith(textDelta('four'));
    writer.write(textDelta('five'));
    expect(writer.stop()).toEqual([textDelta('five')]);
    expect(writer.stop()).toEqual([]);
    expect(onFramed).toHaveBeenCalledTimes(2);
  });

  test('has one append in flight, and gathers later chunks into the next', () => {
    const { writer, next, append, schedule, chunksOf } = createWriter();
    writer.write(textDelta('one'));
    expect(schedule).toHaveBeenCalledTimes(1);
    const one = next();
    writer.write(textDelta('two'));
    writer.write({ type: 'text-end', id: '0' });
    expect(schedule).toHaveBeenCalledTimes(1);
    expect(writer.source.next()).toBeNull();
    writer.source.settle({ what: 'appended', length: one.position + one.bytes.length });
    expect(schedule).toHaveBeenCalledTimes(2);
    expect(chunksOf(append())).toEqual([textDelta('two'), { type: 'text-end', id: '0' }]);
    expect(writer.source.next()).toBeNull();
    expect(schedule).toHaveBeenCalledTimes(2);
  });

  test('joins adjacent text or reasoning deltas of one part if they have no metadata, and nothing else', () => {
    const { writer, append, chunksOf } = createWriter();
    const written: Chunk[] = [
      textDelta('a', '0'),
      textDelta('b', '0'),
      textDelta('c', '1'),
      textDelta('d', '0'),
      reasoningDelta('e'),
      reasoningDelta('f'),
      { ...textDelta('g'), providerMetadata: { x: 1 } },
      textDelta('h'),
      { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: 'i' },
      { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: 'j' },
      { type: 'data-x', id: '0', data: 1 },
      textDelta('k'),
      textDelta('l'),
    ];
    const before = structuredClone(written);
    written.forEach((chunk) => writer.write(chunk));
    expect(chunksOf(append())).toEqual([
      textDelta('ab', '0'),
      textDelta('c', '1'),
      textDelta('d', '0'),
      reasoningDelta('ef'),
      { ...textDelta('g'), providerMetadata: { x: 1 } },
      textDelta('h'),
      { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: 'i' },
      { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: 'j' },
      { type: 'data-x', id: '0', data: 1 },
      textDelta('kl'),
    ]);
    expect(written).toEqual(before); // the caller's chunks are not changed
  });

  test('joins the two halves of a character that arrive in two deltas', () => {
    const { writer, append, chunksOf } = createWriter();
    writer.write(textDelta('\ud83c'));
    writer.write(textDelta('\udf89'));
    const batch = append();
    expect(chunksOf(batch)).toEqual([textDelta('🎉')]);
    expect(batch.bytes.toString()).toContain('🎉');
  });

  test('stops joining deltas before a frame becomes too large', () => {
    const { writer, append, chunksOf } = createWriter();
    for (let i = 0; i < 100; i++) writer.write(textDelta('x'.repeat(1000)));
    const chunks = chunksOf(append());
    expect(chunks.length).toBeGreaterThan(4);
    for (const { delta } of chunks) expect(String(delta).length).toBeLessThanOrEqual(17 * 1024);
    expect(chunks.map(({ delta }) => delta).join('')).toBe('x'.repeat(100_000));
  });

  test('computes the hash of exactly the bytes of the log', () => {
    const random = createRandom(3);
    const { writer, append, shown } = createWriter();
    for (let i = 0; i < 50; i++) {
      for (let j = random.int(1, 5); j > 0; j--)
        writer.write(textDelta(randomText(random, 5), random.pick(['a', 'b'])));
      append();
      expect(writer.hash().digest('hex')).toBe(createHash('sha256').update(shown()).digest('hex'));
    }
    let position = 0;
    for (const frame of framesIn(shown())) expect(frame.position).toBe((position += frame.bytes));
  });

  test('writes nothing after it was stopped', async () => {
    const { writer, next, shown, first } = createWriter();
    writer.write(textDelta('one'));
    const batch = next();
    const settled = writer.settled();
    writer.stop();
    await settled;
    writer.write(textDelta('two'));
    writer.source.enterMemoryMode();
    expect(writer.source.next()).toBeNull();
    writer.source.settle({ what: 'appended', length: first + batch.bytes.length });
    expect(shown().length).toBe(first);
    await writer.settled();
    await writer.room();
  });
});

describe('a batch that was sent', () => {
  test('is sent again with the same bytes if the append failed, followed by later frames', () => {
    const { writer, next, append } = createWriter();
    writer.write(textDelta('one'));
    const sent = next();
    writer.write(textDelta(' and the same part goes on'));
    writer.source.failed();
    const again = next();
    expect(again.position).toBe(sent.position);
    expect(again.bytes.subarray(0, sent.bytes.length)).toEqual(sent.bytes);
    writer.write(textDelta(' and on'));
    writer.source.failed();
    const third = append();
    expect(third.bytes.subarray(0, again.bytes.length)).toEqual(again.bytes);
    expect([...chunksIn(third.bytes)]).toEqual([
      textDelta('one'),
      textDelta(' and the same part goes on'),
      textDelta(' and on'),
    ]);
  });

  test('counts as stored once the next try finds it in the log, if only the reply was lost', () => {
    const { writer, next, append, shown } = createWriter();
    writer.write(textDelta('one'));
    const sent = next();
    writer.source.failed();
    next();
    const { length } = sent.bytes;
    writer.source.settle({ what: 'elsewhere', length: sent.position + length });
    expect(writer.stored).toBe(sent.position + length);
    expect(writer.source.next()).toBeNull();
    writer.write(textDelta('two'));
    expect(append().position).toBe(sent.position + length);
    expect(framesIn(shown())).toHaveLength(3);
  });

  test('is sent again without its first part, if an append whose reply was lost has stored that part', () => {
    const { writer, next, append, onLost, onFenced, shown, first } = createWriter();
    writer.write(textDelta('one'));
    const one = next();
    writer.source.failed();
    writer.write(textDelta('two', '1'));
    const both = next();
    expect(both.bytes.length).toBeGreaterThan(one.bytes.length);
    writer.source.settle({ what: 'elsewhere', length: first + one.bytes.length });
    const two = append();
    expect(two.position).toBe(first + one.bytes.length);
    expect(two.bytes).toEqual(both.bytes.subarray(one.bytes.length));
    expect(shown().subarray(first)).toEqual(both.bytes);
    expect([onLost, onFenced].map((told) => told.mock.calls.length)).toEqual([0, 0]);
  });
});

describe('a log writer whose log is not as it expects', () => {
  test('writes lost bytes again from memory, byte for byte', () => {
    const { writer, append, next, shown } = createWriter();
    const batches = ['one', 'two', 'three'].map((text) => {
      writer.write(textDelta(text));
      return append();
    });
    writer.write(textDelta('four'));
    next();
    writer.source.settle({ what: 'elsewhere', length: batches[1]!.position });
    expect(writer.stored).toBe(batches[1]!.position);
    const again = append();
    expect(again.position).toBe(batches[1]!.position);
    expect(again.bytes.subarray(0, batches[1]!.bytes.length + batches[2]!.bytes.length)).toEqual(
      Buffer.concat([batches[1]!.bytes, batches[2]!.bytes]),
    );
    expect([...chunksIn(shown())].map(({ delta }) => delta)).toEqual([undefined, 'one', 'two', 'three', 'four']);
    expect(writer.source.next()).toBeNull();
  });

  test('reports a loss if the lost bytes are no longer in memory', () => {
    const { writer, append, next, onLost, onFenced } = createWriter();
    for (let i = 0; i < 4; i++) {
      writer.write(textDelta('x'.repeat(KEEP_BYTES / 2)));
      append();
    }
    writer.write(textDelta('more'));
    next();
    writer.source.settle({ what: 'elsewhere', length: 0 });
    expect(onLost).toHaveBeenCalledTimes(1);
    expect(onFenced).not.toHaveBeenCalled();
    expect(writer.source.next()).toBeNull();
  });

  test('reports a loss if the log is gone', async () => {
    const { writer, next, onLost } = createWriter();
    writer.write(textDelta('one'));
    next();
    const settled = writer.settled();
    writer.source.settle({ what: 'gone' });
    await settled;
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  test('reports that it is fenced if the log has another owner, or is longer than everything written here', () => {
    for (const foreign of [{ what: 'fenced' as const }, { what: 'elsewhere' as const, length: 100_000 }]) {
      const { writer, next, onFenced, onLost, shown, first } = createWriter();
      writer.write(textDelta('one'));
      next();
      writer.source.settle(foreign);
      expect(onFenced).toHaveBeenCalledTimes(1);
      expect(onLost).not.toHaveBeenCalled();
      writer.write(textDelta('two'));
      expect(writer.source.next()).toBeNull();
      expect(shown().length).toBe(first);
    }
  });
});

describe('memory mode', () => {
  test('shows chunks before they are stored, until Redis has stored everything', () => {
    const { writer, next, append, shown, first } = createWriter();
    writer.write(textDelta('one'));
    const one = next();
    writer.source.enterMemoryMode();
    expect(writer.memoryMode).toBe(true);
    expect(writer.source.next()).toBeNull();
    expect(shown().length).toBe(first + one.bytes.length);
    writer.write(textDelta('two'));
    writer.source.next();
    expect(framesIn(shown())).toHaveLength(3);
    expect(writer.stored).toBe(first);

    writer.source.settle({ what: 'appended', length: first + one.bytes.length });
    expect(writer.memoryMode).toBe(true);
    append();
    expect(writer.memoryMode).toBe(false);
    writer.write(textDelta('three'));
    next();
    expect(framesIn(shown())).toHaveLength(3);
  });

  test('gives each chunk its place in the log immediately, and later stores all chunks as they were shown', () => {
    const { writer, next, append, shown, first } = createWriter();
    writer.write(textDelta('one'));
    next();
    writer.source.failed();
    for (const text of ['two', 'three', 'four']) {
      writer.write(textDelta(text));
      next();
      writer.source.failed();
    }
    const seen = shown();
    const stored = append();
    expect(stored.position).toBe(first);
    expect(stored.bytes).toEqual(seen.subarray(first));
  });

  test('is followed by appends of limited size', () => {
    const { writer, append, shown, first } = createWriter();
    writer.source.enterMemoryMode();
    for (let i = 0; i < 60; i++) {
      writer.write(textDelta('x'.repeat(10_000), `${i}`));
      writer.source.next();
      writer.source.failed();
    }
    const appended: Batch[] = [];
    while (writer.stored < writer.end) appended.push(append());
    expect(appended.length).toBeGreaterThan(2);
    for (const { bytes } of appended) expect(bytes.length).toBeLessThanOrEqual(256 * 1024);
    expect(Buffer.concat(appended.map(({ bytes }) => bytes))).toEqual(shown().subarray(first));
  });

  test('sends a frame that is larger than 256 KiB in one append', () => {
    const { writer, append } = createWriter();
    writer.source.enterMemoryMode();
    writer.write(textDelta('x'.repeat(400_000)));
    expect(framesIn(append().bytes)).toHaveLength(1);
  });
});

describe('a log writer that has nothing more to write', () => {
  test('has finished when everything is stored', async () => {
    const { writer, append } = createWriter();
    writer.write(textDelta('one'));
    const finished = writer.finished();
    append();
    await finished;
    expect(writer.unstored()).toEqual([]);
  });

  test('sends nothing more if an append fails, and keeps the unstored bytes for the close', async () => {
    const { writer, next, append, shown, first } = createWriter();
    writer.write(textDelta('one'));
    next();
    writer.write(textDelta('two'));
    writer.source.enterMemoryMode();
    const finished = writer.finished();
    expect(writer.source.next()).toBeNull(); // an append is in flight
    writer.source.failed();
    expect(writer.source.next()).toBeNull();
    await finished;
    expect(Buffer.concat(writer.unstored()!)).toEqual(shown().subarray(first));
    expect(framesIn(shown())).toHaveLength(3);

    // The close may find that the failed append was stored after all.
    writer.resync(first + framesOf([textDelta('one')], EPOCH, first).length);
    await writer.finished();
    expect(Buffer.concat(writer.unstored()!)).toEqual(shown().subarray(writer.stored));
    expect(append).toThrow('nothing to append');
  });
});

describe('a log writer, while bytes wait to be stored', () => {
  test('is full if they are too many, and `room` resolves once they are stored', async () => {
    const { writer, append } = createWriter();
    expect(writer.isFull).toBe(false);
    await writer.room();
    writer.write(textDelta('x'.repeat(1100 * 1024)));
    expect(writer.isFull).toBe(true);
    let hasRoom = false;
    const room = writer.room().then(() => (hasRoom = true));
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    append();
    await room;
    expect(writer.isFull).toBe(false);
  });

  test('can also be full while Redis is away', async () => {
    const { writer, append } = createWriter();
    writer.source.enterMemoryMode();
    for (let i = 0; !writer.isFull; i++) {
      writer.write(textDelta('x'.repeat(50_000), `${i}`));
      writer.source.next();
      writer.source.failed();
      expect(i).toBeLessThan(30);
    }
    const room = writer.room();
    append();
    await room;
  });

  test('does not resolve `settled`', async () => {
    const { writer, append } = createWriter();
    await writer.settled();
    writer.write(textDelta('one'));
    let isSettled = false;
    const settled = writer.settled().then(() => (isSettled = true));
    await Promise.resolve();
    expect(isSettled).toBe(false);
    append();
    await settled;
    expect(writer.stored).toBe(writer.end);
  });
});
