import { connect, type Socket } from 'node:net';
import type { Caller } from './caller.ts';

/**
 * How a response ended, as seen at the socket:
 * - `clean`: the response was complete. It ended with its last chunk, at its announced length, or (HTTP/1.0) with a FIN.
 * - `reset`: the connection was reset (RST).
 * - `fin`: the connection ended with a FIN, or with any error except a reset, before the response was complete.
 * - `left`: the reader closed the connection.
 */
export type ResponseEnd = 'clean' | 'reset' | 'fin' | 'left';

export interface RawReaderOptions {
  accept?: string;
  lastEventId?: string;
  after?: string;
  /** The HTTP version. nginx sends HTTP/1.0 to its upstreams by default. An HTTP/1.0 response ends where the connection ends. */
  version?: '1.0' | '1.1';
  /** Sends the request, but reads nothing before {@link RawReader.resume}. */
  paused?: boolean;
}

/** A request for server-sent events on its own socket. Only the socket shows how the response ended. */
export interface RawReader {
  /** The status and headers of the response. Rejects if the connection ends before they have arrived. */
  readonly head: Promise<{ status: number; headers: Record<string, string> }>;
  readonly body: Buffer;
  /** The body so far, in the pieces in which it arrived. */
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
  readonly ended: Promise<ResponseEnd>;
  /** Resolves when the condition holds. Checks the condition whenever data arrives. Rejects if the response ends first. */
  until(condition: (reader: RawReader) => boolean): Promise<void>;
  pause(): void;
  resume(): void;
  leave(): void;
}

export function openReader(caller: Caller, what: string | { path: string }, options: RawReaderOptions = {}): RawReader {
  const { accept = 'text/event-stream', lastEventId, after, version = '1.1', paused = false } = options;
  const { hostname, port } = new URL(caller.url);
  const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
  const path = typeof what === 'string' ? `/streams/${what}/events${query}` : what.path;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.write(
    [
      `GET ${path} HTTP/${version}`,
      `host: ${hostname}`,
      `authorization: Bearer ${caller.token}`,
      `accept: ${accept}`,
      ...(lastEventId === undefined ? [] : [`last-event-id: ${lastEventId}`]),
      '\r\n',
    ].join('\r\n'),
  );
  if (paused) socket.pause();
  return readResponse(socket);
}

function readResponse(socket: Socket): RawReader {
  const head = Promise.withResolvers<{ status: number; headers: Record<string, string> }>();
  const ended = Promise.withResolvers<ResponseEnd>();
  const pieces: Buffer[] = [];
  const waiting = new Set<() => void>();
  let bytes = 0;
  let unread: Buffer = Buffer.alloc(0);
  let contentLength: number | null = null;
  let isUntilClose = false;
  let hasHead = false;
  let hasEnded = false;
  head.promise.catch(() => {
    /* prevents an unhandled rejection; code that awaits `head` still gets the error */
  });

  function end(how: ResponseEnd): void {
    if (hasEnded) return;
    hasEnded = true;
    socket.destroy();
    head.reject(new Error(`the response ended before its head: ${how}`));
    ended.resolve(how);
    waiting.forEach((check) => check());
  }

  function readHead(): boolean {
    const at = unread.indexOf('\r\n\r\n');
    if (at === -1) return false;
    const [first, ...lines] = unread.toString('latin1', 0, at).split('\r\n');
    unread = unread.subarray(at + 4);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(first!.split(' ')[1]);
    if (headers['content-length'] !== undefined || status === 204)
      contentLength = Number(headers['content-length'] ?? 0);
    else isUntilClose = headers['transfer-encoding'] !== 'chunked';
    hasHead = true;
    head.resolve({ status, headers });
    return true;
  }

  function readPiece(): boolean {
    if (contentLength !== null) {
      if (unread.length < contentLength) return false;
      take(unread.subarray(0, contentLength));
      end('clean');
      return false;
    }
    if (isUntilClose) {
      take(unread);
      unread = Buffer.alloc(0);
      return false;
    }
    const at = unread.indexOf('\r\n');
    if (at === -1) return false;
    const length = Number.parseInt(unread.toString('latin1', 0, at), 16);
    if (unread.length < at + 2 + length + 2) return false;
    if (length === 0) {
      end('clean');
      return false;
    }
    take(unread.subarray(at + 2, at + 2 + length));
    unread = unread.subarray(at + 2 + length + 2);
    return true;
  }

  function take(piece: Buffer): void {
    if (piece.length === 0) return;
    pieces.push(Buffer.from(piece));
    bytes += piece.length;
  }

  socket.on('data', (data) => {
    unread = unread.length === 0 ? data : Buffer.concat([unread, data]);
    if (!hasHead && !readHead()) return;
    while (!hasEnded && readPiece());
    waiting.forEach((check) => check());
  });
  socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNRESET' ? 'reset' : 'fin'));
  socket.on('end', () => end(isUntilClose ? 'clean' : 'fin'));
  socket.on('close', () => end('fin'));

  const reader: RawReader = {
    head: head.promise,
    get body() {
      return Buffer.concat(pieces);
    },
    pieces,
    get bytes() {
      return bytes;
    },
    ended: ended.promise,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (condition(reader)) resolve();
          else if (hasEnded) reject(new Error('the response ended before the condition held'));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    leave: () => end('left'),
  };
  return reader;
}
