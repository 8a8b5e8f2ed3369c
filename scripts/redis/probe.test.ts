import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, inject, test } from 'vitest';
import { freePort } from '../launch/ports.ts';
import { parseInfoReply } from './info-reply.ts';
import { probeRedis } from './probe.ts';

test('a probe returns the version, mode and role of a running server', async () => {
  const port = Number(new URL(inject('redisUrl')).port);
  expect(await probeRedis({ port })).toMatchObject({
    kind: 'redis',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    mode: 'standalone',
    role: 'master',
    isLoading: false,
  });
});

test('if a server refuses the probe, the probe returns the reason', async () => {
  const server = createServer((socket) => {
    socket.on('data', () => socket.write('-NOAUTH Authentication required.\r\n'));
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(await probeRedis({ port: (server.address() as AddressInfo).port })).toEqual({
    kind: 'refused',
    reason: 'NOAUTH Authentication required.',
  });
  server.close();
});

test('a port on which nothing listens is reported as silent', async () => {
  expect(await probeRedis({ port: await freePort() })).toEqual({ kind: 'silent' });
});

test('a server with another protocol is reported as silent', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(await probeRedis({ port: (server.address() as AddressInfo).port })).toEqual({ kind: 'silent' });
  server.close();
});

test('an incomplete reply gives null, and a complete reply gives the facts of the server', () => {
  const text = 'redis_version:7.2.4\r\nredis_mode:standalone\r\nprocess_id:12\r\nrole:master\r\nloading:1\r\n';
  const reply = `$${text.length}\r\n${text}\r\n`;
  expect(parseInfoReply('')).toBeNull();
  expect(parseInfoReply('$12')).toBeNull();
  expect(parseInfoReply(reply.slice(0, 40))).toBeNull();
  expect(parseInfoReply(reply)).toEqual({
    kind: 'redis',
    version: '7.2.4',
    mode: 'standalone',
    role: 'master',
    pid: 12,
    isLoading: true,
  });
});
