import { createConnection } from 'node:net';
import { parseInfoReply, type RedisAnswer } from './info-reply.ts';

/** Sends INFO over a plain socket, because scripts must not import the Redis client. Never rejects. */
export function probeRedis({ host = '127.0.0.1', port }: { host?: string; port: number }): Promise<RedisAnswer> {
  return new Promise((resolve) => {
    let received = '';
    const socket = createConnection({ host, port }, () => socket.write('INFO\r\n'));
    const finish = (answer: RedisAnswer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(1_000, () => finish({ kind: 'silent' }));
    socket.on('error', () => finish({ kind: 'silent' }));
    socket.on('close', () => resolve({ kind: 'silent' }));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const answer = parseInfoReply(received);
      if (answer) finish(answer);
    });
  });
}
