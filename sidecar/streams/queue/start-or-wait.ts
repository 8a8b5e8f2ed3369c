import { RejoinError } from '../../../shared/errors.ts';
import type { StartRequest } from '../../../shared/stream/stream.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import { BEGIN_GRACE_MS } from '../end/settle.ts';
import type { Asker } from '../start/asker.ts';
import { answerOf, type Started, type Starter } from '../start/start-stream.ts';
import type { createEnqueuer } from './enqueue-turn.ts';
import { placeIn } from './turn-place.ts';

export interface QueueStartOptions {
  store: Pick<StreamStore, 'meta' | 'resumable' | 'index'>;
  chats: Pick<ChatStore, 'queue'>;
  start: Starter;
  enqueue: ReturnType<typeof createEnqueuer>;
  streamIdOf(userId: string, chatId: string, messageId: string): string;
  /** Begins a stream whose turn was chosen, or ends one whose turn was removed. */
  begin(streamId: string): Promise<unknown>;
  cancel(userId: string, streamId: string, stopping: { personId: string }): Promise<unknown>;
}

/**
 * The chat may be busy when the stream is to be started, and idle a moment later when the turn is to be queued. The whole start is then
 * tried again. After this many tries the start is refused.
 */
const MAX_TRIES = 20;

/** PROTOCOL.md 5.8: starts a stream at once, or queues it if an answer is being written and the request allows waiting. */
export function createQueueStart(options: QueueStartOptions): Starter {
  const { store, chats, start, enqueue, streamIdOf, begin, cancel } = options;

  return async function startOrWait(userId, request, asker) {
    const isPatient = request.whenBusy === 'queue' || request.whenBusy === 'interrupt';
    for (let tries = 1; ; tries++) {
      try {
        const started = await start(userId, request, asker);
        return started.answer.status === 'queued' ? await queued(userId, request, { started, asker }) : started;
      } catch (error) {
        const isBusy = error instanceof RejoinError && error.code === 'stream_active';
        if (!isBusy || !isPatient || tries >= MAX_TRIES) throw error;
      }
      const waiting = await enqueue(userId, request, asker);
      if (waiting === null) continue;
      if (waiting.interrupted !== null) await cancel(userId, waiting.interrupted, { personId: asker.userId });
      return queued(userId, request, { started: null, asker });
    }
  };

  /** The response to a start that had to wait. By now, its turn may have begun or may have been removed. */
  async function queued(
    userId: string,
    request: StartRequest,
    { started, asker }: { started: Started | null; asker: Asker },
  ): Promise<Started> {
    const { chatId, messageId } = request;
    const streamId = streamIdOf(userId, chatId, messageId);
    const queue = await chats.queue(userId, chatId);
    const place = placeIn(queue, streamId);
    // If `started` is set, this request repeats an earlier one. The process of the earlier request may have died before it
    // stopped the answer that is being written, so this request stops that answer.
    const interrupts = started !== null && request.whenBusy === 'interrupt' && place === 1;
    if (interrupts && queue!.stream !== null && queue!.interrupted === queue!.stream)
      await cancel(userId, queue!.stream, { personId: asker.userId });
    // If this process dies before it begins the stream, recovery begins it.
    if (place === 0) await store.index([{ streamId, inMs: BEGIN_GRACE_MS }]);
    // The turn has left the queue. `begin` begins a chosen turn and ends a removed one.
    if (place === null || place === 0) await begin(streamId);
    const meta = await store.meta(streamId);
    if (meta === null) throw new RejoinError('not_found');
    const answer = answerOf({ streamId, chatId, messageId, resumable: store.resumable, meta });
    return {
      created: started === null,
      answer: answer.status === 'queued' ? { ...answer, place: place ?? 0 } : answer,
    };
  }
}
