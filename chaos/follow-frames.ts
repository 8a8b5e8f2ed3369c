import { get, type ClientRequest } from 'node:http';
import { isComment, parseFrame, splitPieces } from './frames.ts';

/** A reader that counts frames, and notes when the first frame of each epoch arrived. */
export interface Follow {
  readonly frames: number;
  /** Epoch of the last frame; `null` before the first. */
  readonly epoch: string | null;
  /** When the first frame of the epoch after `epoch` arrived, by `performance.now()`; `null` if there is none yet. */
  epochSince(epoch: string | null): number | null;
  stop(): void;
}

const RETRY_MS = 20;

/** Follows a stream at the first of `urls`, and after each cut at the next one. After the last URL comes the first again. */
export function followFrames({
  urls,
  path,
  headers,
}: {
  urls: readonly string[];
  path: string;
  headers: Record<string, string>;
}): Follow {
  const began: { epoch: string; atMs: number }[] = [];
  let frames = 0;
  let lastEventId: string | null = null;
  let request: ClientRequest | null = null;
  let hasStopped = false;

  function connect(tries: number): void {
    let isOver = false;
    const again = () => {
      if (isOver || hasStopped) return;
      isOver = true;
      setTimeout(() => connect(tries + 1), RETRY_MS);
    };
    const place = lastEventId === null ? {} : { 'last-event-id': lastEventId };
    request = get(`${urls[tries % urls.length]!}${path}`, {
      headers: { ...headers, accept: 'text/event-stream', ...place },
      agent: false,
    });
    request.on('error', again);
    request.on('response', (response) => {
      let pending: Buffer = Buffer.alloc(0);
      response.on('data', (part: Buffer) => {
        const { pieces, rest } = splitPieces(Buffer.concat([pending, part]));
        pending = rest;
        for (const piece of pieces) if (response.statusCode === 200 && !isComment(piece)) take(piece);
      });
      response.on('error', again);
      response.on('close', again);
    });
  }

  function take(piece: Buffer): void {
    const { eventId } = parseFrame(piece);
    const epoch = eventId.split('-')[0]!;
    lastEventId = eventId;
    frames += 1;
    if (began.at(-1)?.epoch !== epoch) began.push({ epoch, atMs: performance.now() });
  }

  connect(0);
  return {
    get frames() {
      return frames;
    },
    get epoch() {
      return began.at(-1)?.epoch ?? null;
    },
    epochSince(epoch) {
      const at = began.findIndex((begun) => begun.epoch === epoch);
      return began[at + 1]?.atMs ?? null;
    },
    stop() {
      hasStopped = true;
      request?.destroy();
    },
  };
}
