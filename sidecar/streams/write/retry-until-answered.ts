import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../../store/streams/stream-store.ts';

const RETRY_MS = 250;

/** Repeats a call until the store answers it. Resolves to `null` once `isOver` is true: nobody needs the reply then. */
export async function retryUntilAnswered<T>(call: () => Promise<T>, isOver: () => boolean): Promise<T | null> {
  while (!isOver()) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      await delay(RETRY_MS);
    }
  }
  return null;
}
