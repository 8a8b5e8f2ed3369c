import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * What the proxy does to a request:
 * - `lose-request`: the request never arrives;
 * - `cut-request`: half of the request arrives;
 * - `lose-reply`: the request arrives and is executed, but the reply is lost.
 *
 * Each fault closes the connection. A Redis client matches replies to requests only by order, so on an open connection every reply
 * after a lost one would go to the wrong request.
 */
export type Fault = 'lose-request' | 'cut-request' | 'lose-reply';

/** A TCP proxy in front of a Redis. It loses requests or replies on demand. */
export interface FlakyProxy {
  url: string;
  readonly faults: readonly Fault[];
  /** Holds replies back from now on. Connections stay open. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** `decide` chooses the fault for each piece of data from a client. `null`: the piece is passed on. */
export async function openFlakyProxy({
  port,
  decide = () => null,
}: {
  /** Port of the server behind the proxy. */
  port: number;
  decide?: (request: Buffer) => Fault | null;
}): Promise<FlakyProxy> {
  const faults: Fault[] = [];
  const sockets = new Set<Socket>();
  let held: (() => void)[] | null = null;

  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    let isReplyLost = false;
    const reset = () => {
      client.resetAndDestroy();
      server.destroy();
    };
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {
        /* a `close` event follows */
      });
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (request) => {
      const fault = isReplyLost ? null : decide(request);
      if (fault !== null) faults.push(fault);
      switch (fault) {
        case null:
          return void server.write(request);
        case 'lose-request':
          return reset();
        case 'cut-request':
          server.write(request.subarray(0, request.length >> 1), reset);
          return;
        case 'lose-reply':
          isReplyLost = true;
          server.write(request);
      }
    });
    server.on('data', (reply) => {
      if (isReplyLost) return reset();
      if (held) held.push(() => client.write(reply));
      else client.write(reply);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));

  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    faults,
    hold() {
      held ??= [];
    },
    release() {
      const waiting = held ?? [];
      held = null;
      for (const go of waiting) go();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}
