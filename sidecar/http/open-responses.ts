import type { ServerResponse } from 'node:http';

/** A comment every so often, so that no hop takes a silent model for a dead connection. */
const HEARTBEAT_MS = 15_000;
const COMMENT = Buffer.from(': still here\n\n');

/** Every response that is following a stream. */
export interface OpenResponses {
  /** `hasHeartbeat`: comments are part of its format. */
  add(response: ServerResponse, options: { hasHeartbeat: boolean }): void;
  remove(response: ServerResponse): void;
  readonly count: number;
  /** Cuts them all, so that they come back elsewhere. */
  cutAll(): void;
  stop(): void;
}

/**
 * One timer for all. What is written to them is whole frames, so a comment always stands between two; one that is
 * full gets none: it has enough to read.
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
