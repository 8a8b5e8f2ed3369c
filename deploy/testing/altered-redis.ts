import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A proxy that changes the replies of a Redis, to imitate servers that this machine does not have: an old version, a wrong clock.
 * `alter` must keep the length of the text, because Redis's protocol announces this length.
 */
export async function startAlteredRedis(url: string, alter: (answer: string) => string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const redis = connect(Number(port), hostname);
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => [client, redis].forEach((each) => each.destroy()));
    }
    client.pipe(redis);
    redis.on('data', (bytes) => client.write(Buffer.from(alter(bytes.toString('latin1')), 'latin1')));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export const asOldVersion = (answer: string): string =>
  answer.replaceAll(
    /(redis_version|valkey_version):(\S+)/g,
    (_, name: string, version: string) => `${name}:${'6.2.14'.padEnd(version.length, '0').slice(0, version.length)}`,
  );

export const asFastClock = (answer: string): string =>
  answer.replaceAll(
    /\*2\r\n\$10\r\n(\d{10})\r\n/g,
    (_, seconds: string) => `*2\r\n$10\r\n${Number(seconds) + 3600}\r\n`,
  );
