import { expect, test, vi } from 'vitest';
import { StoreUnavailable, type StreamMeta, type StreamStore } from '../store/streams/stream-store.ts';
import { createCanceller, type CancellerOptions } from './cancel.ts';

test('a stream that is cancelled while its process cannot reach Redis is sealed later: process A writes · A loses Redis · a person cancels at A · process B takes over · A reaches Redis again', async () => {
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
  // The one call of `seal` has failed. Only A has the newest text, so `seal` is called again only after A has tried to store the
  // end of the stream.
  expect(seal).toHaveBeenCalledTimes(1);
  left.resolve();
  // Redis has refused the end that A tried to store, because B owns the stream. A seal without `ownerEpoch` ends the stream
  // whoever owns it.
  await vi.waitFor(() => expect(closeSealed).toHaveBeenCalledWith('stream_1'));
  expect(seal).toHaveBeenCalledTimes(2);
  expect(seal).toHaveBeenLastCalledWith('stream_1', { suffix: expect.any(String), outcome: 'cancelled', error: null });
  expect(announce).toHaveBeenCalledWith({ type: 'sealed', streamId: 'stream_1' });
});
