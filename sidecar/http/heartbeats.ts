import type { ServerResponse } from 'node:http';

/** A comment every so often, so that no hop takes a silent model for a dead connection. */
const HEARTBEAT_MS = 15_000;
const COMMENT = Buffer.from(': still here\n\n');

export interface Heartbeats {
  add(response: ServerResponse): void;
  remove(response: ServerResponse): void;
  readonly readers: number;
  stop(): void;
}

/**
 * One timer for all readers. What is written to them is whole frames, so a comment always stands between two; one
 * that is full gets none: it has enough to read.
 */
export function createHeartbeats(): Heartbeats {
  const responses = new Set<ServerResponse>();
  const timer = setInterval(() => {
    for (const response of responses) if (!response.writableNeedDrain) response.write(COMMENT);
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    add: (response) => void responses.add(response),
    remove: (response) => void responses.delete(response),
    get readers() {
      return responses.size;
    },
    stop: () => clearInterval(timer),
  };
}
