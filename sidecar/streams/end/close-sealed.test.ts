import { describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { epochSuffix } from '../../store/streams/epoch.ts';
import { createMemoryChatStore } from '../../store/chats/memory-chat-store.ts';
import { createMemoryStreamStore } from '../../store/streams/memory-stream-store.ts';
import { silentLog } from '../../../testing/open-redis.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { framesOf, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { checkWholeLog } from '../../../testing/whole-log.ts';
import { closeSealed } from './close-sealed.ts';
import { createSettler } from './settle.ts';
import { createStateCopy } from '../log/state-copy.ts';

/** Creates a stream whose owner has written half a sentence. The state copy has only the first word of the sentence. */
async function written() {
  const store = createMemoryStreamStore({ leaseMs: 60_000, ttlMs: 60_000, maxBytes: 1 << 20 });
  const chats = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 20 });
  const settler = createSettler({ store, chats, log: silentLog });
  const sample = sampleStream();
  const { streamId, epoch, facts } = sample;
  const request = {
    messages: [{ id: 'q1', role: 'user' as const, parts: [{ type: 'text', text: 'Hi' }] }],
    instructions: '',
  };
  const copy = createStateCopy({ facts, request });
  const state = copy.whole({
    status: 'active',
    epoch,
    position: sample.frames.length,
    text: 'Half',
    now: facts.startTime,
  });
  await chats.point({
    userId: facts.userId,
    chatId: facts.chatId,
    seen: null,
    streamId,
    title: 'Hi',
    instructions: undefined,
    messages: [],
  });
  await store.index([{ streamId, userId: facts.userId }]);
  await store.create({ ...sample, state });
  const position = sample.frames.length;
  const bytes = framesOf(
    [{ type: 'start-step' }, { type: 'text-start', id: '0' }, textDelta('Half a sen')],
    epoch,
    position,
  );
  await store.append([{ streamId, epoch, position, bytes }]);
  const seal = (outcome: 'cancelled' | 'error' = 'cancelled') =>
    store.seal(streamId, {
      suffix: epochSuffix(),
      outcome,
      error: outcome === 'error' ? { code: 'abandoned', text: 'It was lost.' } : null,
    });
  const log = async () => {
    const page = await store.read(streamId, 0, 1 << 20);
    return typeof page === 'string' ? Buffer.alloc(0) : page.bytes;
  };
  return {
    store,
    chats,
    settler,
    streamId,
    facts,
    request,
    state,
    seal,
    log,
    close: () => closeSealed({ store, settler, telemetry: noTelemetry, streamId }),
  };
}

describe('closing a sealed stream', () => {
  test('writes the same end that the owner would have written, and settles the conversation', async () => {
    const { store, chats, streamId, facts, seal, log, close } = await written();
    const sealed = (await seal('error'))!;
    expect(await close()).toBe(true);
    const whole = checkWholeLog(await log());
    expect(whole).toMatchObject({ status: 'error', text: 'Half a sen', errorText: 'It was lost.' });
    expect(await store.meta(streamId)).toMatchObject({
      status: 'error',
      epoch: sealed.epoch,
      sha256: createHash('sha256')
        .update(await log())
        .digest('hex'),
      error: { code: 'abandoned', text: 'It was lost.' },
    });
    const bounds = { limit: 10, maxBytes: 100_000 };
    const chat = (await chats.branch(facts.userId, facts.chatId, { through: null }, bounds))!;
    expect(chat.head).toMatchObject({ stream: null, last: { streamId, messageId: facts.messageId, status: 'error' } });
    expect(chat.messages.map(({ message }) => message)).toMatchObject([
      { id: facts.messageId, role: 'assistant', parentId: 'q1', status: 'error', errorText: 'It was lost.' },
    ]);
    expect(await store.userStreams(facts.userId)).toEqual([]);
  });

  test('updates status, epoch, position, last activity and text in the state copy, and leaves its other fields as they are', async () => {
    const { store, streamId, state, seal, log, close } = await written();
    const sealed = (await seal())!;
    await close();
    const json = (await store.state(streamId))!;
    const before = JSON.parse(state.toString()) as Record<string, unknown>;
    const { length } = await log();
    expect(JSON.parse(json)).toEqual({
      ...before,
      status: 'cancelled',
      epoch: sealed.epoch,
      position: length,
      lastActivity: expect.any(String),
      accumulatedContent: 'Half a sen',
    });
    expect(json.match(/"status":/g)).toHaveLength(1);
  });

  test('writes one end, even if several callers close the stream at the same time', async () => {
    const { seal, log, close } = await written();
    await seal();
    const closed = await Promise.all(Array.from({ length: 5 }, close));
    expect(closed.some(Boolean)).toBe(true);
    checkWholeLog(await log());
    expect(await close()).toBe(false);
  });

  test('does not change a stream that is not sealed', async () => {
    const { store, streamId, log, close } = await written();
    const before = await log();
    expect(await close()).toBe(false);
    expect(await log()).toEqual(before);
    await store.remove(streamId, 'any');
    expect(await close()).toBe(false);
  });
});
