import type { ServerResponse } from 'node:http';

/** Interval of the comments that keep proxies from closing the connection while a model is silent. */
const HEARTBEAT_MS = 15_000;
const COMMENT = Buffer.from(': still here\n\n');

/** Every response that is following a stream. */
export interface OpenResponses {
  /** `hasHeartbeat`: comments are part of its format. */
  add(response: ServerResponse, options: { hasHeartbeat: boolean; isFeed?: boolean }): void;
  remove(response: ServerResponse): void;
  /** How many of them are streams, and not feeds of rooms. */
  readonly count: number;
  /** Cuts all of them, so that their readers reconnect to another sidecar. */
  cutAll(): void;
  stop(): void;
}

/**
 * One timer for all. Only whole frames are written, so a comment always stands between two frames. A response whose
 * buffer is full gets none, because it has enough to send.
 */
export function createOpenResponses(): OpenResponses {
  const responses = new Map<ServerResponse, { hasHeartbeat: boolean; isFeed?: boolean }>();
  let readers = 0;
  const timer = setInterval(() => {
    for (const [response, { hasHeartbeat }] of responses) {
      if (hasHeartbeat && !response.writableNeedDrain) response.write(COMMENT);
    }
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    add(response, options) {
      if (!options.isFeed && !responses.has(response)) readers += 1;
      responses.set(response, options);
    },
    remove(response) {
      const known = responses.get(response);
      if (known && !known.isFeed) readers -= 1;
      responses.delete(response);
    },
    get count() {
      return readers;
    },
    cutAll() {
      for (const response of responses.keys()) response.socket?.resetAndDestroy();
    },
    stop: () => clearInterval(timer),
  };
}
