import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Chunk } from '../../shared/fold.ts';
import { messageText } from '../../shared/messages.ts';
import { ModelError, type Model } from '../models/model.ts';
import { createMemoryChatStore } from '../store/memory-chat-store.ts';
import { createMemoryStreamStore } from '../store/memory-stream-store.ts';
import { StoreUnavailable, type StreamStore } from '../store/stream-store.ts';
import { silentLog } from '../testing/open-redis.ts';
import { checkWholeLog } from '../testing/whole-log.ts';
import { createStreamManager } from './stream-manager.ts';

const LEASE_MS = 100;
const USER = 'user_1';

/** Fails after its first word, and says the second when it is asked to go on. */
const faltering: Model = {
  servedBy: 'faltering',
  continuation: 'exact',
  async *stream({ partial }): AsyncGenerator<Chunk> {
    const said = partial === undefined ? '' : messageText(partial);
    yield { type: 'start-step' };
    yield { type: 'text-start', id: '0' };
    yield { type: 'text-delta', id: '0', delta: said === '' ? 'one ' : 'two' };
    if (said === '') throw new ModelError('The line is dead.', { retryable: true });
    yield { type: 'text-end', id: '0' };
    yield { type: 'finish-step' };
    yield { type: 'finish', finishReason: 'stop' };
  },
};

describe('an answer that ends early', () => {
  test('is not taken for a whole one when its owner is lost before that end is stored', async () => {
    const store = createMemoryStreamStore({ leaseMs: LEASE_MS, ttlMs: 60_000, maxBytes: 1 << 20 });
    const chats = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 20 });
    const open = (itsStore: StreamStore) => {
      const manager = createStreamManager({
        store: itsStore,
        chats,
        resolveModel: () => faltering,
        log: silentLog,
        secret: 'a secret of sixteen',
        settings: {
          recovery: 'continue',
          leaseMs: LEASE_MS,
          stallTimeoutMs: 60_000,
          streamMaxBytes: 1 << 20,
          keptMs: 60_000,
        },
      });
      onTestFinished(() => manager.drain(0));
      return manager;
    };

    const close = vi.fn<StreamStore['close']>().mockRejectedValue(new StoreUnavailable('lost just now'));
    const lost = open({ ...store, close });
    const { answer } = await lost.start(USER, {
      chatId: 'chat_1',
      messageId: 'm_1',
      modelId: 'faltering',
      messages: [{ role: 'user', content: 'Count.' }],
    });
    await expect.poll(() => close.mock.calls.length).toBeGreaterThan(0);

    const other = open(store);
    await expect.poll(() => other.recovery.recover(answer.streamId)).toBe(true);
    await other.generations.get(answer.streamId)?.done;
    const page = await store.read(answer.streamId, 0, 1 << 20);
    expect(typeof page === 'string' ? page : checkWholeLog(page.bytes)).toMatchObject({
      status: 'completed',
      text: 'one two',
    });
  });
});
