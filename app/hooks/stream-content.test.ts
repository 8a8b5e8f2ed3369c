import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import { createStreamContent, type Held, type StreamContent, type Taken } from './stream-content.ts';
import { recordLog, writeLog } from './testing/recorded-log.ts';

function feeder(content: StreamContent) {
  const taken: Taken[] = [];
  const decoder = new TextDecoder();
  const parser = createParser({ onEvent: ({ data, id }) => void taken.push(content.take({ data, id })) });
  return { taken, feed: (bytes: Uint8Array) => parser.feed(decoder.decode(bytes, { stream: true })) };
}

const whole = recordLog({ deltas: 320 });
const positionOf = (eventId: string | null) => (eventId === null ? 0 : Number(eventId.split('-')[1]));

describe('reading a log', () => {
  test('gives the whole text and the outcome, and finds that the hash is correct', async () => {
    const content = createStreamContent({ messageId: 'm1' });
    const { feed, taken } = feeder(content);
    feed(whole.bytes);
    expect(taken.at(-1)).toBe('done');
    expect(content.snapshot().content).toBe(whole.text);
    expect(content.outcome).toBe('completed');
    expect(await content.verify()).toBe(true);
  });

  test('gives the same message and text if the connection is cut at any byte and reading is resumed after the last event id', () => {
    const reference = createStreamContent({ messageId: 'm1' });
    feeder(reference).feed(whole.bytes);
    const expected = reference.snapshot();

    // The log arrives byte by byte. The event id changes only when a frame is complete, so a resume is tried once per frame.
    const cut = createStreamContent({ messageId: 'm1' });
    const { feed } = feeder(cut);
    let resumes = 0;
    let held: Held = { lastEventId: null, message: cut.snapshot().message };
    for (let at = 0; at < whole.bytes.length; at += 1) {
      feed(whole.bytes.subarray(at, at + 1));
      expect(positionOf(cut.lastEventId)).toBeLessThanOrEqual(at + 1);
      if (cut.lastEventId === held.lastEventId) continue;
      held = cut.snapshot();
      const resumed = createStreamContent({ messageId: 'm1', held });
      const rest = feeder(resumed);
      rest.feed(whole.bytes.subarray(positionOf(held.lastEventId)));
      expect(rest.taken).not.toContain('mismatch');
      const { message, content, lastEventId } = resumed.snapshot();
      expect({ message, content, lastEventId }).toEqual({
        message: expected.message,
        content: expected.content,
        lastEventId: expected.lastEventId,
      });
      resumes += 1;
    }
    expect(resumes).toBe(whole.eventIds.length);
    expect(resumes).toBeGreaterThan(300);
  });

  test('does not change the message in `held`', () => {
    const { lastEventId, message } = (() => {
      const content = createStreamContent({ messageId: 'm1' });
      feeder(content).feed(whole.bytes.subarray(0, 2000));
      return content.snapshot();
    })();
    const before = structuredClone(message);
    feeder(createStreamContent({ messageId: 'm1', held: { lastEventId, message } })).feed(
      whole.bytes.subarray(positionOf(lastEventId)),
    );
    expect(message).toEqual(before);
  });

  test('gives the reason why no text comes, until text comes', () => {
    const data = { reason: 'overloaded', since: '2026-03-02T17:05:00.000Z', until: '2026-03-02T17:05:20.000Z' };
    const chunks = [
      { type: 'start', messageId: 'm1' },
      { type: 'data-waiting', data, transient: true },
      { type: 'text-start', id: '0' },
      { type: 'data-waiting', data: { reason: 7 }, transient: true },
    ];
    const seen = chunks.map((_, index) => {
      const content = createStreamContent({ messageId: 'm1' });
      feeder(content).feed(writeLog({ chunks: chunks.slice(0, index + 1), outcome: null }).bytes);
      expect(content.snapshot().message.parts.every(({ type }) => type === 'text')).toBe(true);
      return content.snapshot().waiting;
    });
    expect(seen).toEqual([null, data, null, null]);
  });

  test('returns parts that have not changed since the last snapshot as the same objects', () => {
    const content = createStreamContent({ messageId: 'm1' });
    const { feed } = feeder(content);
    feed(whole.bytes.subarray(0, 3000));
    const before = content.snapshot().message.parts;
    feed(whole.bytes.subarray(3000, 4000));
    const after = content.snapshot().message.parts;
    expect(after.find(({ type }) => type === 'reasoning')).toBe(before.find(({ type }) => type === 'reasoning'));
    expect(after.find(({ type }) => type === 'text')).not.toBe(before.find(({ type }) => type === 'text'));
  });
});

describe('proof of completeness', () => {
  const frames = (log = whole) => {
    const found: { data: string; id: string | undefined }[] = [];
    createParser({ onEvent: ({ data, id }) => void found.push({ data, id }) }).feed(
      new TextDecoder().decode(log.bytes),
    );
    return found;
  };

  test('notices a missing frame and a repeated one', () => {
    const [first, second, third] = frames();
    const missing = createStreamContent({ messageId: 'm1' });
    expect([first!, third!].map(missing.take)).toEqual(['taken', 'mismatch']);
    const doubled = createStreamContent({ messageId: 'm1' });
    expect([first!, second!, second!].map(doubled.take)).toEqual(['taken', 'taken', 'mismatch']);
  });

  test('notices a frame that has a wrong length, no id, an invalid id, or invalid JSON', () => {
    const [first, second] = frames();
    for (const wrong of [
      { ...second!, data: `${second!.data} ` },
      { ...second!, id: undefined },
      { ...second!, id: 'nonsense' },
      { ...second!, data: second!.data.replace('{', '(') },
    ]) {
      const content = createStreamContent({ messageId: 'm1' });
      expect([content.take(first!), content.take(wrong)]).toEqual(['taken', 'mismatch']);
    }
  });

  test('finds that the hash is wrong if a text was replaced by another of the same length', async () => {
    const content = createStreamContent({ messageId: 'm1' });
    for (const { data, id } of frames())
      expect(content.take({ data: data.replace('plain', 'plane'), id })).not.toBe('mismatch');
    expect(await content.verify()).toBe(false);
  });

  test('does not check the hash if the log was not read from byte 0', async () => {
    const [, second, ...rest] = frames();
    const content = createStreamContent({ messageId: 'm1' });
    for (const frame of [second!, ...rest]) content.take(frame);
    expect(await content.verify()).toBe(true);
  });

  test('notices if `data-end` names a wrong byte count', () => {
    const log = writeLog({ chunks: [{ type: 'start' }] });
    const [start] = frames(log);
    const content = createStreamContent({ messageId: 'm1' });
    content.take(start!);
    const data = JSON.stringify({ type: 'data-end', data: { status: 'completed', bytes: 1, sha256: '' } });
    const position = positionOf(start!.id!) + new TextEncoder().encode(`data: ${data}\nid: 1abc-999\n\n`).length;
    expect(position).toBeLessThan(1000);
    expect(content.take({ data, id: `1abc-${position}` })).toBe('mismatch');
  });
});

describe('beginning again', () => {
  test('keeps the old text until the first frame of the new reading', () => {
    const content = createStreamContent({ messageId: 'm1' });
    feeder(content).feed(whole.bytes.subarray(0, 3000));
    const before = content.snapshot();
    content.reset();
    expect(content.snapshot().content).toBe(before.content);
    expect(content.snapshot().lastEventId).toBeNull();
    feeder(content).feed(whole.bytes);
    expect(content.snapshot().content).toBe(whole.text);
    expect(content.snapshot().generation).toBeGreaterThan(before.generation);
  });

  test('begins the message again at any `start` chunk', () => {
    const log = writeLog({
      chunks: [
        { type: 'start', messageId: 'm1' },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'first try' },
        { type: 'start', messageId: 'm1' },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'second' },
      ],
    });
    const content = createStreamContent({ messageId: 'm1' });
    feeder(content).feed(log.bytes);
    expect(content.snapshot()).toMatchObject({ content: 'second', generation: 2 });
  });
});
