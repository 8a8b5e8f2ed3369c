import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { explainRedisError, NOT_REDIS, NOT_TLS, SILENT, TLS_WANTED, type RedisProblem } from './redis-problem.ts';

const STEP_MS = 400;

export interface Transport {
  host: string;
  port: number;
  isTls: boolean;
}

/**
 * Checks whether the server at this host and port can be reached, and which protocol it uses. Redis without TLS answers a PING, and
 * Redis with TLS completes a handshake. Resolves to `null` if the protocol is the configured one, or if the server closes the
 * connections without showing a protocol. Takes at most about 1.2 s.
 */
export async function probeTransport({ host, port, isTls }: Transport): Promise<RedisProblem | null> {
  const plain = await ping(await open({ host, port }));
  if (plain === 'redis') return isTls ? NOT_TLS : null;
  if (plain === 'other') return NOT_REDIS;
  if (typeof plain === 'object') return plain; // the server cannot be reached at all
  const secure = await speaksTls({ host, port });
  if (secure && !isTls) return TLS_WANTED;
  return secure ? null : plain === 'silent' ? SILENT : null;
}

/** Resolves to the connected socket, or to the reason why it cannot connect. */
function open({ host, port }: { host: string; port: number }): Promise<Socket | RedisProblem> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.setTimeout(STEP_MS, () => {
      socket.destroy();
      resolve(explainRedisError(new Error('connection timeout')));
    });
    socket.once('error', (error) => resolve(explainRedisError(error)));
    socket.once('connect', () => resolve(socket));
  });
}

type PingAnswer = 'redis' | 'other' | 'silent' | 'closed' | RedisProblem;

/**
 * Sends a PING without TLS. Redis answers `+PONG`, or an error that begins with `-` and a word in capitals. A server with TLS
 * closes the connection.
 */
function ping(socket: Socket | RedisProblem): Promise<PingAnswer> {
  if (!('write' in socket)) return Promise.resolve(socket);
  return new Promise((resolve) => {
    const finish = (answer: PingAnswer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(STEP_MS, () => finish('silent'));
    socket.on('error', () => finish('closed'));
    socket.once('close', () => finish('closed'));
    socket.once('data', (bytes) => {
      const text = bytes.toString('latin1');
      // 0x15: a TLS alert, which says that plain text was not expected.
      if (bytes[0] === 0x15) finish('closed');
      else finish(/^(\+PONG|-[A-Z]+ )/.test(text) ? 'redis' : 'other');
    });
    socket.write('PING\r\n');
  });
}

/** Checks only whether a TLS handshake works. The certificate is not verified: the Redis client does that when it connects. */
function speaksTls({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(STEP_MS, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('secureConnect', () => finish(true));
  });
}
