import { RejoinError } from '../../../shared/errors.ts';
import type { StartRequest } from '../../../shared/stream/stream.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import { answerOf, type Started, type Starter } from '../start/start-stream.ts';
import type { createEnqueuer } from './enqueue-turn.ts';
import { placeOfTurn } from './turn-place.ts';

export interface QueueStartOptions {
  store: Pick<StreamStore, 'meta' | 'resumable'>;
  chats: Pick<ChatStore, 'queue'>;
  start: Starter;
  enqueue: ReturnType<typeof createEnqueuer>;
  streamIdOf(userId: string, chatId: string, messageId: string): string;
  /** Begins a stream whose turn has come. */
  begin(streamId: string): Promise<unknown>;
  cancel(userId: string, streamId: string): Promise<unknown>;
}

/** How often the chat may change between being busy and idle during one start before the start is refused. */
const MAX_TRIES = 20;

/** PROTOCOL.md 5.8: starts a stream at once, or lets it wait if an answer is being written and the request says so. */
export function createQueueStart(options: QueueStartOptions): Starter {
  const { store, chats, start, enqueue, streamIdOf, begin, cancel } = options;

  return async function startOrWait(userId, request, address) {
    const isPatient = request.whenBusy === 'queue' || request.whenBusy === 'interrupt';
    for (let tries = 1; ; tries++) {
      try {
        const started = await start(userId, request, address);
        return started.answer.status === 'queued' ? await queued(userId, request, started) : started;
      } catch (error) {
        const isBusy = error instanceof RejoinError && error.code === 'stream_active';
        if (!isBusy || !isPatient || tries >= MAX_TRIES) throw error;
      }
      const waiting = await enqueue(userId, request, address);
      if (waiting === null) continue;
      if (waiting.interrupted !== null) await cancel(userId, waiting.interrupted);
      return queued(userId, request, null);
    }
  };

  /** The answer to a start that had to wait. It may have begun by now, or have been taken out. */
  async function queued(userId: string, request: StartRequest, started: Started | null): Promise<Started> {
    const { chatId, messageId } = request;
    const streamId = streamIdOf(userId, chatId, messageId);
    const place = await placeOfTurn(chats, { userId, chatId, streamId });
    // Its turn came before its stream existed, or the process that chose it died. A turn that was taken out is ended.
    if (place === null || place === 0) await begin(streamId);
    const meta = await store.meta(streamId);
    if (meta === null) throw new RejoinError('not_found');
    const answer = answerOf({ streamId, chatId, messageId, resumable: store.resumable, meta });
    return { created: started === null, answer: answer.status === 'queued' ? { ...answer, place: place ?? 0 } : answer };
  }
}
