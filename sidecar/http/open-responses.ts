import type { ServerResponse } from 'node:http';

/** Interval of the comments that keep proxies from closing the connection while a model is silent. */
const HEARTBEAT_MS = 15_000;
const COMMENT = Buffer.from(': still here\n\n');

/** Every response that is following a stream. */
export interface OpenResponses {
  /** `hasHeartbeat`: comments are part of its format. */
  add(response: ServerResponse, options: { hasHeartbeat: boolean }): void;
  remove(response: ServerResponse): void;
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
  const responses = new Map<ServerResponse, { hasHeartbeat: boolean }>();
  const timer = setInterval(() => {
    for (const [response, { hasHeartbeat }] of responses) {
      if (hasHeartbeat && !response.writableNeedDrain) response.write(COMMENT);
    }
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    add: (response, options) => void responses.set(response, options),
    remove: (response) => void responses.delete(response),
    get count() {
      return responses.size;
    },
    cutAll() {
      for (const response of responses.keys()) response.socket?.resetAndDestroy();
    },
    stop: () => clearInterval(timer),
  };
}
