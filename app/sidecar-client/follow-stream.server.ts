import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { RejoinError } from '../../shared/errors.ts';
import type { Chunk } from '../../shared/fold.ts';
import { DONE } from '../../shared/frames.ts';
import type { OpenEvents, SidecarEvents } from './sidecar-http.server.ts';

/** What comes out of a followed stream: its chunks, and signs of life where nothing is said. */
export type Followed = Chunk | { type: 'heartbeat' };

export interface FollowStream {
  open: (options: OpenEvents) => Promise<SidecarEvents>;
  signal: AbortSignal;
  /** How long to go on trying when the stream cannot be reached. */
  patienceMs?: number;
}

const RETRY_MS = 500;

/**
 * The chunks of a stream from its base to its end, each once: where the connection is cut it goes on from the last
 * event id. A further `start` chunk means that everything before it is void. Ends after `[DONE]`; throws the last
 * `RejoinError` when the stream is gone or stays out of reach.
 */
export async function* followStream({ open, signal, patienceMs = 60_000 }: FollowStream): AsyncGenerator<Followed> {
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
        yield event.data === undefined ? { type: 'heartbeat' } : (JSON.parse(event.data) as Chunk);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!mayPass(error) || Date.now() > giveUpAt) throw error;
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** What the next try may not meet again: a connection that was cut, and the sidecar's errors of the moment. */
const mayPass = (error: unknown): boolean =>
  !(error instanceof RejoinError) ||
  error.code === 'sidecar_unreachable' ||
  error.code === 'store_unavailable' ||
  error.code === 'draining' ||
  error.code === 'overloaded';

/** Server-sent events as they come, comments without data. Ends or throws where the body ends or is cut. */
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
