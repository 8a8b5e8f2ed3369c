import type { CancelAnswer } from '../../shared/stream.ts';
import { epochSuffix } from '../store/streams/epoch.ts';
import { isRunning, publicStatus, StoreUnavailable, type StreamStore } from '../store/streams/stream-store.ts';
import type { Finder } from './read/find-stream.ts';
import type { StreamStates } from './read/stream-states.ts';
import type { Generations } from './write/generations.ts';
import type { Ender } from './end/ender.ts';

export interface CancellerOptions {
  store: StreamStore;
  ender: Ender;
  finder: Finder;
  states: Pick<StreamStates, 'lastEventId'>;
  generations: Pick<Generations, 'get'>;
}

/** What a person does to end a stream: stop it, or delete it. */
export function createCanceller({ store, ender, finder, states, generations }: CancellerOptions) {
  async function cancel(userId: string, streamId: string): Promise<CancelAnswer> {
    try {
      const meta = await finder.meta(userId, streamId);
      if (isRunning(meta.status)) {
        // Sealed first, then announced: the seal is a fact, no matter when its owner hears of it.
        await store.seal(streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null });
        generations.get(streamId)?.stop('fenced');
        await store.announce({ type: 'sealed', streamId });
        await ender.closeSealed(streamId);
      }
      const ended = await finder.meta(userId, streamId);
      const lastEventId = await states.lastEventId(streamId, ended);
      return { streamId, status: publicStatus(ended.status), lastEventId };
    } catch (error) {
      const generation = generations.get(streamId);
      if (!(error instanceof StoreUnavailable) || generation?.facts.userId !== userId) throw error;
      // Which outcome Redis will have is not known here, so no answer would be true.
      if (generation.isEnding) throw error;
      // Redis is away and the model is called here: the call stops now, and its end is stored when Redis is back.
      generation.stop('cancelled');
      return { streamId, status: 'cancelled', lastEventId: null };
    }
  }

  async function remove(userId: string, streamId: string): Promise<void> {
    const meta = await store.meta(streamId);
    if (meta === null || meta.userId !== userId) return;
    await store.remove(streamId, 'any');
    generations.get(streamId)?.stop('fenced');
    await store.announce({ type: 'sealed', streamId });
    await store.unindex(streamId, userId);
  }

  return { cancel, remove };
}
