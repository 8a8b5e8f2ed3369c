import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { RejoinError } from '../../shared/errors.ts';
import type { Chunk } from '../../shared/stream/fold.ts';
import { DONE } from '../../shared/stream/frames.ts';
import type { OpenEvents, SidecarEvents } from './sidecar-http.server.ts';

/** What a followed stream yields: its chunks, and heartbeats while it is silent. */
export type Followed = Chunk | { type: 'heartbeat' };

export interface FollowStream {
  open: (options: OpenEvents) => Promise<SidecarEvents>;
  signal: AbortSignal;
  /** How long to retry while the stream cannot be reached. */
  patienceMs?: number;
  /** How long to wait before each retry. */
  retryMs?: number;
}

const RETRY_MS = 500;

/**
 * Yields each chunk of a stream once, from the base (the beginning of the current attempt) to the end. After a cut, continues from
 * the last event id. Another `start` chunk means that the answer begins again, so all chunks before it are void. Ends after
 * `[DONE]`. Throws a `RejoinError` if the stream is gone, stays unreachable, or is invalid.
 */
export async function* followStream({
  open,
  signal,
  patienceMs = 60_000,
  retryMs = RETRY_MS,
}: FollowStream): AsyncGenerator<Followed> {
  let after: string | undefined;
  let giveUpAt = Date.now() + patienceMs;
  while (!signal.aborted) {
    try {
      const { status, body } = await open({ as: 'events', after, signal });
      if (status === 204) return;
      for await (const event of eventsOf(body)) {
        giveUpAt = Date.now() + patienceMs;
        if (event.id) after = event.id;
        if (event.data === DONE) return;
        yield event.data === undefined ? { type: 'heartbeat' } : chunkOf(event.data);
      }
      // The sidecar ends a response cleanly only after `[DONE]`, but a proxy in between may end it at any time.
      throw new RejoinError('sidecar_unreachable', { cause: new Error('the stream ended without [DONE]') });
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error)) throw error;
      if (Date.now() > giveUpAt)
        throw error instanceof RejoinError ? error : new RejoinError('sidecar_unreachable', { cause: error });
    }
    await sleep(retryMs, undefined, { signal }).catch(() => {});
  }
}

/** Throws if the data is invalid. `followStream` does not retry then, because another request would get the same data. */
function chunkOf(data: string): Chunk {
  try {
    return JSON.parse(data) as Chunk;
  } catch {
    // The error of `JSON.parse` is not passed on as `cause`, because it quotes the answer and would be logged.
    throw new RejoinError('internal', { cause: new Error('a frame of a stream is not JSON') });
  }
}

/** True for temporary errors of the sidecar, and for all errors that are not a `RejoinError`, such as a cut connection. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof RejoinError) ||
  error.code === 'sidecar_unreachable' ||
  error.code === 'store_unavailable' ||
  error.code === 'draining' ||
  error.code === 'overloaded';

/**
 * Yields server-sent events as they arrive. A comment is yielded as an event without data. Ends when the body ends, and throws when
 * the body is cut.
 */
async function* eventsOf(body: IncomingMessage): AsyncGenerator<{ id?: string; data?: string }> {
  let parsed: { id?: string; data?: string }[] = [];
  const parser = createParser({
    onEvent: ({ id, data }) => parsed.push({ id, data }),
    onComment: () => parsed.push({}),
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }));
    const ready = parsed;
    parsed = [];
    yield* ready;
  }
}
