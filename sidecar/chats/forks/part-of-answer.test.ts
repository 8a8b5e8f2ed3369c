import { expect, test } from 'vitest';
import { formatEventId } from '../../../shared/stream/event-id.ts';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { framesOf, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { framesIn } from '../../../testing/whole-log.ts';
import { createMemoryStreamStore } from '../../store/streams/memory-stream-store.ts';
import { partOfAnswer } from './part-of-answer.ts';

/** A running answer with these chunks after its `start`, and the event id of each frame. */
async function running(chunks: readonly Chunk[]) {
  const store = createMemoryStreamStore({ leaseMs: 60_000, ttlMs: 60_000, maxBytes: 1 << 24 });
  const stream = sampleStream();
  await store.create(stream);
  const { streamId, epoch, frames } = stream;
  const bytes = framesOf(chunks, epoch, frames.length);
  await store.append([{ streamId, epoch, position: frames.length, bytes }]);
  const ids = framesIn(Buffer.concat([frames, bytes])).map(({ id }) => id!);
  const meta = (await store.meta(streamId))!;
  const partAt = async (at: string) => {
    const part = await partOfAnswer({ store, stream: { streamId, meta }, at });
    if (part.kind === 'whole') throw new Error('the whole message is copied');
    return part;
  };
  return { store, streamId, meta, epoch, ids, partAt };
}

const CALL = { toolCallId: 't1', toolName: 'search' };

test('tool calls without a result are dropped, finished ones are kept, and a text that is being written is marked as done', async () => {
  const { ids, partAt, meta } = await running([
    { type: 'start-step' },
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Hm' },
    { type: 'tool-input-start', ...CALL },
    { type: 'tool-input-available', ...CALL, input: { q: 'tides' } },
    { type: 'tool-output-available', toolCallId: 't1', output: 'half', preliminary: true },
    { type: 'tool-output-available', toolCallId: 't1', output: 'whole' },
    { type: 'text-start', id: '0' },
    textDelta('The sky'),
  ]);
  const partsAt = async (index: number) => (await partAt(ids[index]!)).message.parts;
  const step = { type: 'step-start' };
  const thought = { type: 'reasoning', text: 'Hm', state: 'done' };
  for (const index of [4, 5, 6]) expect(await partsAt(index)).toEqual([step, thought]);
  expect(await partsAt(7)).toMatchObject([step, thought, { state: 'output-available', output: 'whole' }]);
  const { at, message } = await partAt('now');
  expect(at).toBe(ids.at(-1));
  expect(message).toMatchObject({ id: meta.messageId, parentId: 'q1', status: 'partial', modelId: meta.modelId });
  expect(message.parts.at(-1)).toEqual({ type: 'text', text: 'The sky', state: 'done' });
});

test('a part ends with a whole character', async () => {
  const { ids, partAt } = await running([
    { type: 'text-start', id: '0' },
    textDelta('Oh \ud83c'),
    textDelta('\udf89!'),
  ]);
  expect((await partAt(ids[2]!)).message.parts).toMatchObject([{ text: 'Oh ' }]);
  expect((await partAt(ids[3]!)).message.parts).toMatchObject([{ text: 'Oh 🎉!' }]);
});

test('if an answer was begun again, an event id of the first attempt gives the text of that attempt', async () => {
  const text = (words: string): Chunk[] => [{ type: 'text-start', id: '0' }, textDelta(words)];
  const { store, streamId, epoch, ids, meta, partAt } = await running(text('First'));
  const again = framesOf([{ type: 'start', messageId: meta.messageId }, ...text('Second')], epoch, meta.length);
  await store.rebase({ streamId, epoch, position: meta.length, bytes: again });
  expect((await store.meta(streamId))!.base).toBe(meta.length);
  expect((await partAt(ids.at(-1)!)).message.parts).toMatchObject([{ text: 'First' }]);
  expect((await partAt('now')).message.parts).toMatchObject([{ text: 'Second' }]);
});

test('an event id that is not on the log is refused, and so is every event id once the log is gone', async () => {
  const { store, streamId, meta, epoch, ids, partAt } = await running([
    { type: 'text-start', id: '0' },
    textDelta('Hi'),
  ]);
  const [, , last] = ids;
  const refused = { code: 'event_not_on_log' };
  const position = meta.length;
  for (const id of [
    { epoch: '9zzzz', position },
    { epoch, position: position - 1 },
    { epoch, position: position + 1 },
    { epoch, position: 99_999_999_999_999 },
  ])
    await expect(partAt(formatEventId(id))).rejects.toMatchObject(refused);
  await expect(partOfAnswer({ store, stream: null, at: last! })).rejects.toMatchObject(refused);
  await store.remove(streamId, 'any');
  for (const at of [last!, 'now']) await expect(partAt(at)).rejects.toMatchObject(refused);
});
