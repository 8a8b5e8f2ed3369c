import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../scripts/shared/wait.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A server that sends everything back in upper case. When a client ends its side, the server sends "bye" and ends, too. */
let server: Server;
let received = '';
let proxy: TcpProxy;

beforeEach(async () => {
  received = '';
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      socket.write(chunk.toString().toUpperCase());
    });
    socket.on('end', () => socket.end('bye'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startTcpProxy({ target: { port: (server.address() as AddressInfo).port } });
});

afterEach(async () => {
  await proxy.stop();
  server.close();
});

function connect(): { socket: Socket; text: () => string; error: () => string | undefined } {
  const socket = createConnection({ port: proxy.port, host: '127.0.0.1' });
  let text = '';
  let error: string | undefined;
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', (reason: NodeJS.ErrnoException) => (error = reason.code));
  return { socket, text: () => text, error: () => error };
}

describe('the TCP proxy', () => {
  test('passes on the bytes of both directions, and passes on a clean end after the bytes', async () => {
    const { socket, text, error } = connect();
    socket.end('hello');
    await closed(socket);
    expect(text()).toBe('HELLObye');
    expect(error()).toBeUndefined();
    expect(proxy.openConnections).toBe(0);
  });

  test('cut() resets every open connection, on both sides', async () => {
    const { socket, error, text } = connect();
    socket.write('hello');
    await until(() => text() === 'HELLO');
    expect(proxy.openConnections).toBe(1);
    proxy.cut();
    await closed(socket);
    expect(error()).toBe('ECONNRESET');
    await until(() => proxy.openConnections === 0);
    await until(async () => (await connectionsOf(server)) === 0);
  });

  test('refuse() leaves open connections alone and resets new ones, until accept() is called', async () => {
    const first = connect();
    first.socket.write('a');
    await until(() => first.text() === 'A');
    proxy.refuse();
    const refused = connect();
    await closed(refused.socket);
    first.socket.write('b');
    await until(() => first.text() === 'AB');
    proxy.accept();
    const accepted = connect();
    accepted.socket.write('c');
    await until(() => accepted.text() === 'C');
    expect(proxy.totalConnections).toBe(2);
    first.socket.destroy();
    accepted.socket.destroy();
  });

  test('drops replies while `toClient` is `lose`, although the server has received the requests', async () => {
    const { socket, text } = connect();
    proxy.toClient = 'lose';
    socket.write('lost');
    await until(() => received === 'lost');
    proxy.cut();
    await closed(socket);
    expect(text()).toBe('');
  });

  test('changes replies with `rewriteReply`, and passes requests unchanged', async () => {
    const { socket, text } = connect();
    proxy.rewriteReply = (piece) => Buffer.from(piece.toString().replace('L', ''));
    socket.write('hello');
    await until(() => text() === 'HELO');
    expect(received).toBe('hello');
    socket.destroy();
  });

  test('holds bytes back and later passes them on in order', async () => {
    const { socket, text } = connect();
    proxy.toTarget = 'hold';
    socket.write('one ');
    await until(() => proxy.openConnections === 1);
    socket.write('two');
    expect(received).toBe('');
    proxy.toTarget = 'pass';
    await until(() => text() === 'ONE TWO');
    socket.destroy();
  });
});

/** Like `once(socket, 'close')`, but also resolves if the connection ends with an error. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

const connectionsOf = (of: Server): Promise<number> =>
  new Promise((resolve, reject) => of.getConnections((error, count) => (error ? reject(error) : resolve(count))));
