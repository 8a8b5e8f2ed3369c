import type { Chunk } from '../../../shared/stream/fold.ts';
import { ModelError, type Model, type ModelRequest } from '../../models/model.ts';

export interface ModelCall {
  model: Model;
  request: Omit<ModelRequest, 'signal'>;
  signal: AbortSignal;
  /** Takes one chunk. If it returns false, the next chunk must wait until {@link ModelCall.room} resolves. */
  take(chunk: Chunk): boolean;
  room(): Promise<void>;
  /** True once `take` has got the model's `finish` chunk. */
  hasFinished(): boolean;
}

/**
 * Reads one answer of a model to its end. Resolves as soon as `signal` is aborted, even if the model ignores the signal.
 *
 * @throws ModelError if the provider failed, or the answer ended without a `finish`
 */
export async function callModel({ model, request, signal, take, room, hasFinished }: ModelCall): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const read = model.push
    ? pushed(model.push.bind(model), { ...request, signal }, take, room)
    : pulled(model, { ...request, signal }, take, room);
  read.catch(() => {
    /* after an abort, nobody waits for `read`, so its error does not matter */
  });
  await Promise.race([read, aborted]);
  if (!hasFinished() && !signal.aborted) {
    throw new ModelError('The connection to the model was lost before the answer was complete.', { retryable: true });
  }
}

async function pulled(
  model: Model,
  request: ModelRequest,
  take: (chunk: Chunk) => boolean,
  room: () => Promise<void>,
): Promise<void> {
  for await (const chunk of model.stream(request)) {
    if (request.signal.aborted) return;
    if (!take(chunk)) await room();
  }
}

function pushed(
  push: NonNullable<Model['push']>,
  request: ModelRequest,
  take: (chunk: Chunk) => boolean,
  room: () => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // `isAborted` is read for every chunk, and `signal.aborted` is slow.
    let isAborted = request.signal.aborted;
    request.signal.addEventListener('abort', () => (isAborted = true), { once: true });
    const flow = push(request, {
      chunk(chunk) {
        if (isAborted) return false;
        const goesOn = take(chunk);
        if (!goesOn) void room().then(() => flow.resume());
        return goesOn;
      },
      end: resolve,
      fail: reject,
    });
  });
}
