import { setTimeout as delay } from 'node:timers/promises';
import { parseEventId } from '../shared/stream/event-id.ts';
import { DONE } from '../shared/stream/frames.ts';

/** What was received on one connection. */
export interface Followed {
  status: number;
  /** Whole frames, without the comments between them. */
  frames: Buffer;
  /** Event id of the last whole frame. Without a frame: the `lastEventId` of the request. */
  lastEventId: string | null;
  isDone: boolean;
  /** How the connection ended. `clean`: the response ended. `cut`: the connection broke. `left`: the client left. */
  end: 'clean' | 'cut' | 'left';
}

export interface FollowOptions {
  headers?: Record<string, string>;
  lastEventId?: string | null;
  leaveAfterBytes?: number;
}

/** Follows a stream on one connection, beginning after `lastEventId`. */
export async function follow(
  url: string,
  { headers, lastEventId = null, leaveAfterBytes = Infinity }: FollowOptions = {},
): Promise<Followed> {
  const response = await fetch(url, {
    headers: {
      accept: 'text/event-stream',
      ...headers,
      ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
    },
    signal: AbortSignal.timeout(30_000),
  });
  const { status } = response;
  let received = Buffer.alloc(0);
  let end: Followed['end'] = 'clean';
  const reader = response.body?.getReader();
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      received = Buffer.concat([received, read.value]);
      if (received.length >= leaveAfterBytes) {
        end = 'left';
        await reader?.cancel(); // this closes the connection
        break;
      }
    }
  } catch {
    end = 'cut';
  }
  const whole = received.toString('latin1', 0, received.lastIndexOf('\n\n') + 2);
  const frames = whole.split(/(?<=\n\n)/).filter((frame) => !frame.startsWith(':'));
  const last = frames.at(-1) ?? '';
  const id = /\nid: (\S+)\n\n$/.exec(last)?.[1];
  if (last !== '' && (id === undefined || parseEventId(id) === null))
    throw new Error(`no valid id in the frame: ${last}`);
  return {
    status,
    frames: Buffer.from(frames.join(''), 'latin1'),
    lastEventId: id ?? lastEventId,
    isDone: last.startsWith(`data: ${DONE}\n`),
    end,
  };
}

const GIVE_UP_MS = 40_000;

/** Follows a stream until it has ended: reconnects with the last event id. Returns the frames of all connections together. */
export async function followToTheEnd(url: string, options: FollowOptions = {}): Promise<Buffer> {
  const frames: Buffer[] = [];
  let { lastEventId } = options;
  const giveUpAt = Date.now() + GIVE_UP_MS;
  for (;;) {
    // If the server cannot be reached, the loop tries again.
    const followed = await follow(url, { ...options, lastEventId }).catch(() => null);
    if (followed) {
      frames.push(followed.frames);
      lastEventId = followed.lastEventId;
      if (followed.isDone || followed.status === 204) return Buffer.concat(frames);
    }
    if (Date.now() > giveUpAt)
      throw new Error(`the stream has not ended after ${GIVE_UP_MS} ms; the last event id is ${lastEventId}`);
    await delay(50);
  }
}
