import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { pause } from '../scripts/shared/wait.ts';

/** What the proxy does with bytes in one direction. `hold`: keeps them until the test sets another value. `lose`: drops them. */
export type Passage = 'pass' | 'hold' | 'lose';

/**
 * A bad network: a TCP proxy that can cut, refuse and delay connections, and lose bytes. (Playwright's `setOffline` does not
 * cut a stream that is already open.)
 */
export interface TcpProxy {
  /** The proxy listens on this port of 127.0.0.1. */
  readonly port: number;
  readonly openConnections: number;
  readonly totalConnections: number;
  /** Delay in milliseconds for every piece of data, in both directions. */
  delayMs: number;
  /** Requests: bytes from the client to the target. */
  toTarget: Passage;
  /** Replies: bytes from the target to the client. With `lose`, the target executes a request, and the client gets no reply. */
  toClient: Passage;
  /** Changes each piece of a reply, for example to corrupt it. Default: unchanged. */
  rewriteReply: (piece: Buffer) => Buffer;
  /** Resets every open connection on both sides. */
  cut(): void;
  /** Resets every new connection from now on. Open ones stay. */
  refuse(): void;
  accept(): void;
  stop(): Promise<void>;
}

export interface TcpProxyOptions {
  target: { port: number; host?: string };
  /** Default: a free port. */
  port?: number;
}

export async function startTcpProxy({ target, port = 0 }: TcpProxyOptions): Promise<TcpProxy> {
  const pairs = new Set<{ cut(): void }>();
  let isRefusing = false;
  let totalConnections = 0;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', ignore);
    if (isRefusing) return client.resetAndDestroy();
    totalConnections += 1;
    const upstream = createConnection({ host: '127.0.0.1', allowHalfOpen: true, noDelay: true, ...target });
    upstream.on('error', ignore);
    const pair = { cut: () => [client, upstream].forEach((socket) => socket.resetAndDestroy()) };
    pairs.add(pair);
    for (const socket of [client, upstream]) {
      socket.once('close', (hadError) => {
        pairs.delete(pair);
        const other = socket === client ? upstream : client;
        if (hadError) other.resetAndDestroy(); // a cut on one side becomes a cut on the other
      });
    }
    const delayMs = () => proxy.delayMs;
    carry({ from: client, to: upstream, passage: () => proxy.toTarget, delayMs, rewrite: (piece) => piece });
    const rewrite = (piece: Buffer) => proxy.rewriteReply(piece);
    carry({ from: upstream, to: client, passage: () => proxy.toClient, delayMs, rewrite });
  });

  const proxy: TcpProxy = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get openConnections() {
      return pairs.size;
    },
    get totalConnections() {
      return totalConnections;
    },
    delayMs: 0,
    toTarget: 'pass',
    toClient: 'pass',
    rewriteReply: (piece) => piece,
    cut: () => pairs.forEach((pair) => pair.cut()),
    refuse: () => void (isRefusing = true),
    accept: () => void (isRefusing = false),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        proxy.cut();
      }),
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return proxy;
}

interface CarryOptions {
  from: Socket;
  to: Socket;
  passage: () => Passage;
  delayMs: () => number;
  rewrite: (piece: Buffer) => Buffer;
}

/** Moves bytes in one direction, piece by piece. A clean end is passed on after all bytes. */
function carry({ from, to, passage, delayMs, rewrite }: CarryOptions): void {
  const pass = async (chunk: Buffer) => {
    if (delayMs() > 0) await pause(delayMs());
    while (passage() === 'hold' && !to.destroyed) await pause(5);
    if (passage() === 'pass' && !to.destroyed && !to.write(rewrite(chunk))) await drained(to);
  };
  from.on('data', (chunk: Buffer) => {
    from.pause(); // so that neither the next piece nor the end overtakes this piece
    void pass(chunk).then(() => from.resume());
  });
  from.on('end', () => to.end());
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      socket.off('drain', end).off('close', end);
      resolve();
    };
    socket.on('drain', end).on('close', end);
  });
}

const ignore = () => {};
