import { request as httpRequest } from 'node:http';
import { pause } from '../../scripts/shared/wait.ts';
import type { Client } from '../client.ts';

/** A member who reads at one sidecar, and connects again whenever the connection breaks. */
export interface AllowedReader {
  /** Resolves when the first bytes arrive. */
  begun: Promise<void>;
  /**
   * Call this when the removal is confirmed. `at`: the time of the confirmation, by `performance.now()`. `cutOffMs`: for how
   * long the sidecar could not read from Redis between the removal and `until`. Resolves once the sidecar refuses the reader.
   * `lastMs`: the time from the removal to the last bytes.
   */
  removed(at: number, cutOffMs: (until: number) => number): Promise<{ problems: string[]; lastMs: number }>;
}

/**
 * PROTOCOL.md 5.9: a removed reader receives nothing that is appended more than this long after the removal, even if the
 * announcement of the removal to the sidecars was lost.
 */
const BOUND_MS = 6000;
/** An allowance for a busy machine. */
const SLACK_MS = 1000;
const RETRY_MS = 100;
/** Longer than any fault. */
const REFUSED_WITHIN_MS = 60_000;

export function readWhileAllowed({
  url,
  streamId,
  client,
}: {
  url: string;
  streamId: string;
  client: Client;
}): AllowedReader {
  const begun = Promise.withResolvers<void>();
  const problems: string[] = [];
  let removal: { at: number; cutOffMs: (until: number) => number } | null = null;
  let lastMs = 0;
  let giveUpAt = Number.POSITIVE_INFINITY;

  function received(bytes: number): void {
    begun.resolve();
    if (removal === null) return;
    const now = performance.now();
    lastMs = now - removal.at;
    const bound = BOUND_MS + SLACK_MS + removal.cutOffMs(now);
    if (lastMs > bound && problems.length === 0)
      problems.push(
        `${bytes} bytes arrived ${Math.round(lastMs)} ms after the removal, later than ${Math.round(bound)} ms`,
      );
  }

  /** Resolves to the status once the response has ended, or to `null` if there was no response. */
  function connect(): Promise<number | null> {
    const isLate = removal !== null;
    const { promise, resolve } = Promise.withResolvers<number | null>();
    const request = httpRequest(`${url}/streams/${streamId}/events`, {
      headers: { ...client.headers, accept: 'text/event-stream' },
      agent: false,
    });
    const timer = setInterval(() => performance.now() > giveUpAt && request.destroy(), 500);
    request.on('error', () => resolve(null));
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      if (statusCode === 200 && isLate)
        problems.push('a connection that began after the removal was answered with 200');
      response.on('data', (data: Buffer) => statusCode === 200 && received(data.length));
      response.on('error', () => resolve(statusCode));
      response.on('close', () => resolve(statusCode));
    });
    request.on('close', () => clearInterval(timer));
    request.end();
    return promise;
  }

  const refused = (async () => {
    while (performance.now() < giveUpAt) {
      const wasRemoved = removal !== null;
      const status = await connect();
      if (wasRemoved && status === 404) return;
      await pause(RETRY_MS);
    }
    problems.push(`was not refused within ${REFUSED_WITHIN_MS} ms`);
  })();

  return {
    begun: begun.promise,
    async removed(at, cutOffMs) {
      removal = { at, cutOffMs };
      giveUpAt = at + REFUSED_WITHIN_MS;
      await refused;
      return { problems, lastMs };
    },
  };
}
