import type { Chunk } from '../../../shared/stream/fold.ts';
import type { Model, ModelError, ModelRequest } from '../model.ts';

const MAX_WAITING_CHUNKS = 256;

/**
 * Turns a model that pushes into an iterator. When {@link MAX_WAITING_CHUNKS} chunks wait to be read, the model pauses. If the
 * consumer leaves early, the model's work is aborted.
 */
export async function* pull(
  push: NonNullable<Model['push']>,
  request: ModelRequest,
): AsyncGenerator<Chunk, void, void> {
  const left = new AbortController();
  let waiting: Chunk[] = [];
  let unread = 0;
  let ended = false;
  let failure: ModelError | undefined;
  let wake: () => void = () => {};

  const flow = push(
    { ...request, signal: AbortSignal.any([request.signal, left.signal]) },
    {
      chunk(chunk) {
        waiting.push(chunk);
        unread += 1;
        wake();
        return unread < MAX_WAITING_CHUNKS;
      },
      end() {
        ended = true;
        wake();
      },
      fail(error) {
        failure = error;
        wake();
      },
    },
  );

  try {
    for (;;) {
      const batch = waiting;
      waiting = [];
      for (const chunk of batch) {
        unread -= 1;
        yield chunk;
      }
      if (waiting.length > 0) continue;
      if (failure) throw failure;
      if (ended) return;
      // The promise is created before `resume` is called, because the model may push a chunk while `resume` runs.
      const woken = new Promise<void>((resolve) => (wake = resolve));
      flow.resume();
      await woken;
    }
  } finally {
    left.abort();
  }
}
