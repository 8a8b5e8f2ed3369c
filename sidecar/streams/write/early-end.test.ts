import { describe, expect, test, vi } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { ModelError, type Model } from '../../models/model.ts';
import { createMemoryChatStore } from '../../store/chats/memory-chat-store.ts';
import { createMemoryStreamStore } from '../../store/streams/memory-stream-store.ts';
import { StoreUnavailable, type StreamStore } from '../../store/streams/stream-store.ts';
import { openManager } from '../../../testing/open-manager.ts';
import { checkWholeLog } from '../../../testing/whole-log.ts';
import { chunksIn } from '../log/read-frames.ts';

const faltering: Model = {
  servedBy: 'faltering',
  continuation: 'exact',
  async *stream(): AsyncGenerator<Chunk> {
    yield { type: 'start-step' };
    yield { type: 'text-start', id: '0' };
    yield { type: 'text-delta', id: '0', delta: 'Half a sen' };
    throw new ModelError('The line is dead.', { retryable: true });
  },
};

describe('an answer that ends early', () => {
  // While a part or a step is open in the log, a process that takes the stream over sees that the answer is incomplete.
  test('looks unfinished until all frames of its end are stored, which happens in one call', async () => {
    const store = createMemoryStreamStore({ leaseMs: 60_000, ttlMs: 60_000, maxBytes: 1 << 20 });
    const close = vi.fn<StreamStore['close']>().mockRejectedValue(new StoreUnavailable('away'));
    const chats = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 20 });
    const manager = openManager({ store: { ...store, close }, chats, model: faltering });
    const { answer } = await manager.start('user_1', {
      chatId: 'chat_1',
      messageId: 'm_1',
      modelId: 'faltering',
      messages: [{ role: 'user', content: 'Speak.' }],
    });
    const storedLog = async (): Promise<Buffer> => {
      const page = await store.read(answer.streamId, 0, 1 << 20);
      return typeof page === 'string' ? Buffer.alloc(0) : page.bytes;
    };

    await expect.poll(() => close.mock.calls.length).toBeGreaterThan(1);
    const types = [...chunksIn(await storedLog())].map(({ type }) => type);
    expect(types).toEqual(['start', 'start-step', 'text-start', 'text-delta']);

    close.mockImplementation(store.close);
    await manager.left(answer.streamId);
    expect(checkWholeLog(await storedLog())).toMatchObject({ status: 'error', text: 'Half a sen' });
  });
});
