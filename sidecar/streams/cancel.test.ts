import { expect, test, vi } from 'vitest';
import { StoreUnavailable, type StreamMeta, type StreamStore } from '../store/streams/stream-store.ts';
import { createCanceller, type CancellerOptions } from './cancel.ts';

test('a cancel is sealed once Redis is back: A writes · Redis is away from A · a person cancels at A · B claims · A reaches Redis', async () => {
  const away = new StoreUnavailable('away');
  const active = { userId: 'user_1', status: 'active' } as StreamMeta;
  const [stop, closeSealed] = [vi.fn(), vi.fn(async () => true)];
  const seal = vi.fn<StreamStore['seal']>().mockRejectedValueOnce(away).mockResolvedValue(null);
  const announce = vi.fn<StreamStore['announce']>().mockResolvedValue();
  const left = Promise.withResolvers<void>();
  const { cancel } = createCanceller({
    store: { seal, announce } as Pick<StreamStore, 'seal' | 'announce'> as StreamStore,
    chats: { changeQueue: async () => null } as Partial<CancellerOptions['chats']> as CancellerOptions['chats'],
    ender: { closeSealed, end: vi.fn() },
    finder: { meta: async () => active } as Partial<CancellerOptions['finder']> as CancellerOptions['finder'],
    states: { lastEventId: async () => null },
    generations: {
      get: () => ({ facts: active, isEnding: false, stop, done: left.promise }),
    } as unknown as CancellerOptions['generations'],
  });
  expect(await cancel('user_1', 'stream_1')).toEqual({
    streamId: 'stream_1',
    status: 'cancelled',
    lastEventId: null,
  });
  expect(stop).toHaveBeenCalledWith('cancelled');
  // This is the attempt that failed. Only A has the newest text, so the next one waits until A has tried to store its end.
  expect(seal).toHaveBeenCalledTimes(1);
  left.resolve();
  // Redis has refused the end that A tried to store, because B owns the stream. A seal without `ownerEpoch` ends it all the same.
  await vi.waitFor(() => expect(closeSealed).toHaveBeenCalledWith('stream_1'));
  expect(seal).toHaveBeenCalledTimes(2);
  expect(seal).toHaveBeenLastCalledWith('stream_1', { suffix: expect.any(String), outcome: 'cancelled', error: null });
  expect(announce).toHaveBeenCalledWith({ type: 'sealed', streamId: 'stream_1' });
});
