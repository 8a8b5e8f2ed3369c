import type { ServerResponse } from 'node:http';
import type { RoleWatch, Watched } from '../access/role-watch.ts';

/** Interval of the comments that keep proxies from closing the connection while a model is silent. */
const HEARTBEAT_MS = 15_000;
const COMMENT = Buffer.from(': still here\n\n');

export interface OpenOptions {
  /** True for server-sent events. Plain text cannot contain comments. */
  hasHeartbeat: boolean;
  /** True for the feed of a room, false for a stream. */
  isFeed?: boolean;
  /** The member of a room who reads; `null` for all other readers. The response is cut when the member has no role any more. */
  member: Omit<Watched, 'cut'> | null;
}

/** Every response that is following a stream or a room. */
export interface OpenResponses {
  add(response: ServerResponse, options: OpenOptions): void;
  remove(response: ServerResponse): void;
  /** Number of open responses that follow a stream. Feeds of rooms are not counted. */
  readonly count: number;
  /** Cuts all open responses, so that their readers reconnect to another sidecar. */
  cutAll(): void;
  stop(): void;
}

interface Open {
  hasHeartbeat: boolean;
  isFeed: boolean;
  unwatch: (() => void) | null;
}

/**
 * One timer writes the comments to all responses with `hasHeartbeat`. Only whole frames are written, so a comment is always between
 * two frames. A response whose buffer is full gets no comment, because it has enough to send.
 */
export function createOpenResponses({ roles }: { roles: Pick<RoleWatch, 'watch'> }): OpenResponses {
  const responses = new Map<ServerResponse, Open>();
  let readers = 0;
  const timer = setInterval(() => {
    for (const [response, { hasHeartbeat }] of responses) {
      if (hasHeartbeat && !response.writableNeedDrain) response.write(COMMENT);
    }
  }, HEARTBEAT_MS);
  timer.unref();

  function remove(response: ServerResponse): void {
    const open = responses.get(response);
    if (open === undefined) return;
    open.unwatch?.();
    if (!open.isFeed) readers -= 1;
    responses.delete(response);
  }

  return {
    add(response, { hasHeartbeat, isFeed = false, member }) {
      remove(response);
      if (!isFeed) readers += 1;
      const cut = () => void response.socket?.resetAndDestroy();
      responses.set(response, { hasHeartbeat, isFeed, unwatch: member && roles.watch({ ...member, cut }) });
    },
    remove,
    get count() {
      return readers;
    },
    cutAll() {
      for (const response of responses.keys()) response.socket?.resetAndDestroy();
    },
    stop: () => clearInterval(timer),
  };
}
