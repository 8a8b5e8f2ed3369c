import { describe, expect, test, vi } from 'vitest';
import { framesOf, textDelta } from '../../../testing/sample-stream.ts';
import { createLiveLog, KEEP_BYTES, type LiveLog, type LiveReader } from './live-log.ts';
import { lastEventIdOf } from './read-frames.ts';

const EPOCH = '1abcd';

/** A live log, and functions that add a batch of one frame at its end. */
function createLog(at = 0) {
  const live = createLiveLog(at, at === 0 ? null : { epoch: EPOCH, position: at });
  const push = (text = 'Hello') => {
    const bytes = framesOf([textDelta(text)], EPOCH, live.end);
    live.push(bytes);
    return { bytes, end: live.end };
  };
  const pushShown = (text?: string) => {
    const pushed = push(text);
    live.show(live.end);
    return pushed;
  };
  return { live, push, pushShown };
}

/** Adds a reader that waits at the end of the log. Returns the reader and what it receives. */
function joined(live: LiveLog, takes: (count: number) => boolean = () => true) {
  const seen: Buffer[] = [];
  const ends: string[] = [];
  const reader: LiveReader = {
    deliver(bytes) {
      seen.push(bytes);
      return takes(seen.length);
    },
    release: (why) => void ends.push(why),
  };
  live.join(reader);
  return { seen, ends, reader, bytes: () => Buffer.concat(seen) };
}

describe('a live log', () => {
  test('shows all waiting readers the bytes up to the given position, in order, without copying the Buffers', () => {
    const { live, push } = createLog();
    const [one, two] = [joined(live), joined(live)];
    const [a, b, c] = [push('a'), push('b'), push('c')];
    expect(one.seen).toEqual([]);
    live.show(b.end);
    expect(one.seen).toEqual([a.bytes, b.bytes]);
    expect(one.seen[0]).toBe(a.bytes);
    expect(two.seen[1]).toBe(b.bytes);
    live.show(c.end);
    expect(one.seen.at(-1)).toBe(c.bytes);
    expect([live.shown, live.end, live.waiting]).toEqual([c.end, c.end, 2]);
  });

  test('shows nothing twice', () => {
    const { live, pushShown } = createLog();
    const reader = joined(live);
    const { end } = pushShown();
    for (const position of [end, end - 1, 0]) live.show(position);
    expect(reader.seen).toHaveLength(1);
    expect(live.shown).toBe(end);
  });

  test('drops a reader that cannot take more, and continues with the others', () => {
    const { live, pushShown } = createLog();
    const [full, other] = [joined(live, (count) => count < 2), joined(live)];
    pushShown();
    pushShown();
    pushShown();
    expect(full.seen).toHaveLength(2);
    expect(other.seen).toHaveLength(3);
    expect(live.waiting).toBe(1);
    expect(full.ends).toEqual([]);
  });

  test('forgets a reader that leaves', () => {
    const { live, pushShown } = createLog();
    const { reader, seen, ends } = joined(live);
    live.leave(reader);
    pushShown();
    live.cut();
    expect([seen, ends]).toEqual([[], []]);
  });

  test('releases each waiting reader once, when the log is finished or cut', () => {
    const { live, pushShown } = createLog();
    pushShown();
    const first = joined(live);
    live.cut();
    expect(live.isDone).toBe(false);
    const second = joined(live);
    live.finish();
    live.cut();
    expect([first.ends, second.ends, live.isDone, live.waiting]).toEqual([['cut'], ['done'], true, 0]);
  });

  test('returns shown bytes from any position that it has, and null for other positions', () => {
    const { live, push } = createLog(1000);
    const batches = [push('a'), push('b'), push('c')];
    live.show(batches[1]!.end);
    const shown = Buffer.concat([batches[0]!.bytes, batches[1]!.bytes]);
    for (let position = 1000; position <= live.shown; position++)
      expect(Buffer.concat(live.from(position)!)).toEqual(shown.subarray(position - 1000));
    for (const position of [0, 999, live.shown + 1, live.end, live.end + 1]) expect(live.from(position)).toBeNull();
  });

  test('`unshownFrom` returns bytes whether they were shown or not: at most as many as requested, but at least one batch', () => {
    const { live, push } = createLog();
    const batches = Array.from({ length: 10 }, (_, i) => push(`${i}`).bytes);
    expect(live.unshownFrom(0, Infinity)).toEqual(batches);
    const size = Buffer.concat(batches.slice(0, 3)).length;
    expect(live.unshownFrom(0, size)).toEqual(batches.slice(0, 3));
    expect(live.unshownFrom(0, size - 1)).toEqual(batches.slice(0, 2));
    expect(live.unshownFrom(0, 1)).toEqual(batches.slice(0, 1));
    expect(live.unshownFrom(live.end, 100)).toEqual([]);
    expect(live.unshownFrom(live.end + 1, 100)).toBeNull();
  });

  test('serves from an event id only if the shown part of the log has this id', () => {
    const { live, push, pushShown } = createLog(500);
    const [one, two] = [pushShown('a'), pushShown('b')];
    const hidden = push('not shown');
    const at = (position: number, epoch = EPOCH) => {
      const found = live.from({ epoch, position });
      return found && Buffer.concat(found);
    };
    expect(at(500)).toEqual(Buffer.concat([one.bytes, two.bytes]));
    expect(at(one.end)).toEqual(two.bytes);
    expect(at(two.end)).toEqual(Buffer.alloc(0));
    for (const position of [499, 501, one.end - 1, two.end + 1, hidden.end]) expect(at(position)).toBeNull();
    for (const position of [500, one.end, two.end]) expect(at(position, '1other')).toBeNull();
  });

  test('after trimming, still serves from the event id at its new start, although the frame with this id was dropped', () => {
    const { live, pushShown } = createLog(500);
    const one = pushShown('x'.repeat(10_000));
    const two = pushShown('b');
    live.trim(one.end, Date.now() + 60_000);
    expect(live.start).toBe(one.end);
    expect(live.from({ epoch: EPOCH, position: one.end })).toEqual([two.bytes]);
    expect(live.from({ epoch: '1other', position: one.end })).toBeNull();
  });

  test('knows the event id of the last frame that was shown', () => {
    const { live, push } = createLog(500);
    expect(live.lastEventId).toEqual({ epoch: EPOCH, position: 500 });
    const one = push('a');
    expect(live.lastEventId).toEqual({ epoch: EPOCH, position: 500 });
    const two = push('b');
    live.show(one.end);
    expect(live.lastEventId).toEqual({ epoch: EPOCH, position: one.end });
    live.show(two.end);
    live.trim(live.end, Date.now() + 60_000);
    expect(live.start).toBe(live.end);
    expect(live.lastEventId).toEqual(lastEventIdOf(two.bytes));
    live.restart(0, null);
    expect(live.lastEventId).toBeNull();
    live.restart(70, { epoch: '2other', position: 70 });
    expect(live.lastEventId).toEqual({ epoch: '2other', position: 70 });
  });
});

describe('trimming a live log', () => {
  test('keeps bytes that are not stored, at any age and size', () => {
    const { live, pushShown } = createLog();
    const stored = pushShown('x'.repeat(KEEP_BYTES));
    pushShown('x'.repeat(KEEP_BYTES));
    live.trim(stored.end, Date.now() + 60_000);
    expect(live.start).toBe(stored.end);
    expect(live.from(stored.end)).toHaveLength(1);
  });

  test('keeps bytes that were not shown', () => {
    const { live, push } = createLog();
    push('x'.repeat(2 * KEEP_BYTES));
    live.trim(live.end, Date.now() + 60_000);
    expect(live.start).toBe(0);
  });

  test('keeps the newest bytes, because they may have to be written again', () => {
    const { live, pushShown } = createLog();
    const batches = Array.from({ length: 40 }, () => pushShown('x'.repeat(KEEP_BYTES / 10)));
    live.trim(live.end, Date.now());
    expect(live.end - live.start).toBeLessThanOrEqual(KEEP_BYTES);
    expect(live.end - live.start).toBeGreaterThan(KEEP_BYTES * 0.8);
    expect(batches.map(({ end }) => end)).toContain(live.start);
    expect(Buffer.concat(live.from(live.start)!)).toEqual(
      Buffer.concat(batches.slice(-live.from(live.start)!.length).map(({ bytes }) => bytes)),
    );
  });

  test('drops a slab (a buffer with the bytes of several batches) when the newest bytes in it are ten seconds old', () => {
    const now = vi.spyOn(Date, 'now').mockReturnValue(990_000);
    const { live, pushShown } = createLog();
    pushShown('x'.repeat(3000));
    now.mockReturnValue(1_000_000);
    const old = pushShown('x'.repeat(3000));
    now.mockReturnValue(1_005_000);
    const young = pushShown('x'.repeat(3000));
    live.trim(live.end, 1_009_999);
    expect(live.start).toBe(0);
    live.trim(live.end, 1_010_000);
    expect(live.start).toBe(old.end);
    live.trim(live.end, 1_015_000);
    expect(live.start).toBe(young.end);
    expect(live.from(live.start)).toEqual([]);
  });
});

describe('a live log that is truncated or restarted', () => {
  test('drops the bytes after a position if it is truncated, and cuts readers that have seen these bytes', () => {
    const { live, pushShown } = createLog();
    const one = pushShown('a');
    pushShown('b');
    const reader = joined(live);
    live.truncate(one.end);
    expect(reader.ends).toEqual(['cut']);
    expect([live.shown, live.end]).toEqual([one.end, one.end]);
    const again = framesOf([textDelta('another')], EPOCH, one.end);
    live.push(again);
    live.show(live.end);
    expect(Buffer.concat(live.from(0)!)).toEqual(Buffer.concat([one.bytes, again]));
  });

  test('does not serve a reader that has seen dropped bytes, even after other bytes have replaced them', () => {
    const { live, pushShown } = createLog();
    const one = pushShown('a');
    const seen = lastEventIdOf(pushShown('b').bytes)!;
    live.truncate(one.end);
    live.push(framesOf([textDelta('c'), textDelta('d')], '2other', one.end));
    live.show(live.end);
    expect(live.shown).toBeGreaterThan(seen.position);
    expect(live.from(seen)).toBeNull();
    expect(live.from(lastEventIdOf(one.bytes)!)).toHaveLength(1);
  });

  test('does not cut readers that have not seen the dropped bytes', () => {
    const { live, push, pushShown } = createLog();
    const one = pushShown('a');
    push('not shown');
    const reader = joined(live);
    live.truncate(one.end);
    expect([reader.ends, live.end, live.waiting]).toEqual([[], one.end, 1]);
  });

  test('never changes bytes that a reader was given, even if other bytes are written in their place', () => {
    const { live, pushShown } = createLog();
    const one = pushShown('a');
    const two = pushShown('b');
    const given = live.from(0)!;
    live.truncate(one.end);
    live.push(framesOf([textDelta('another')], EPOCH, one.end));
    live.show(live.end);
    expect(Buffer.concat(given)).toEqual(Buffer.concat([one.bytes, two.bytes]));
  });

  test('never claims to have bytes that it does not have, wherever it is truncated', () => {
    for (const shown of [0, 1, 2, 3]) {
      for (let position = 0; position <= 400; position += 5) {
        const { live, push } = createLog(100);
        const batches = [push('a'), push('b'), push('c')];
        if (shown > 0) live.show(batches[shown - 1]!.end);
        live.truncate(position);
        expect(live.start).toBeLessThanOrEqual(live.shown);
        expect(live.shown).toBeLessThanOrEqual(live.end);
        expect(live.end).toBeLessThanOrEqual(Math.max(position, live.start));
        const kept = Buffer.concat(live.unshownFrom(live.start, Infinity)!);
        expect(kept.length).toBe(live.end - live.start);
        expect(Buffer.concat(batches.map(({ bytes }) => bytes)).subarray(0, kept.length)).toEqual(kept);
      }
    }
  });

  test('drops all bytes if it is restarted: readers are cut, and the log begins at the given position', () => {
    const { live, pushShown } = createLog();
    const reader = joined(live);
    pushShown();
    live.restart(50, { epoch: EPOCH, position: 50 });
    expect([live.start, live.shown, live.end, reader.ends]).toEqual([50, 50, 50, ['cut']]);
    expect(live.from(0)).toBeNull();
    const { bytes } = pushShown('anew');
    expect(live.from(50)).toEqual([bytes]);
  });
});
