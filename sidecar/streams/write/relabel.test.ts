import { expect, test } from 'vitest';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { openManager } from '../../../testing/open-manager.ts';
import { checkWholeLog } from '../../../testing/whole-log.ts';
import type { Model } from '../../models/model.ts';
import { createMemoryChatStore } from '../../store/chats/memory-chat-store.ts';
import { createMemoryStreamStore } from '../../store/streams/memory-stream-store.ts';

/**
 * Writes a thought as text and reports only afterwards that it was a thought. Some model servers do this: they drop the opening tag
 * `<think>` and send the closing one.
 */
const late: Model = {
  servedBy: 'late',
  continuation: 'exact',
  async *stream(): AsyncGenerator<Chunk> {
    yield { type: 'start-step' };
    yield { type: 'text-start', id: '0' };
    yield { type: 'text-delta', id: '0', delta: 'The person asks about honey.' };
    yield { type: 'text-was-thought', id: '0' };
    yield { type: 'text-start', id: '0-1' };
    yield { type: 'text-delta', id: '0-1', delta: 'Honey keeps.' };
    yield { type: 'text-end', id: '0-1' };
    yield { type: 'finish-step' };
    yield { type: 'finish', finishReason: 'stop' };
  },
};

test('a text that turns out to be a thought is a thought in the finished log', async () => {
  const store = createMemoryStreamStore({ leaseMs: 60_000, ttlMs: 60_000, maxBytes: 1 << 20 });
  const chats = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 20 });
  const manager = openManager({ store, chats, model: late });
  const { answer } = await manager.start('user_1', {
    chatId: 'chat_1',
    messageId: 'm_1',
    modelId: 'late',
    messages: [{ role: 'user', content: 'Speak.' }],
  });
  const storedLog = async (): Promise<Buffer> => {
    const page = await store.read(answer.streamId, 0, 1 << 20);
    return typeof page === 'string' ? Buffer.alloc(0) : page.bytes;
  };
  await expect.poll(async () => (await storedLog()).includes('[DONE]')).toBe(true);
  const { message, status } = checkWholeLog(await storedLog());
  expect(status).toBe('completed');
  expect(message.parts).toEqual([
    { type: 'step-start' },
    { type: 'reasoning', text: 'The person asks about honey.', state: 'done' },
    { type: 'text', text: 'Honey keeps.', state: 'done' },
  ]);
});
