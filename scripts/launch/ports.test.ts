import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, isFreePort, portSetting, requireFreePort } from './ports.ts';

test('a port is read from its setting, or is the fallback if the setting is missing', () => {
  expect(portSetting('PORT', { settings: { PORT: '8080' }, fallback: 3000 })).toBe(8080);
  expect(portSetting('PORT', { settings: {}, fallback: 3000 })).toBe(3000);
});

test.each(['http', '0', '65536', '80.5', '-1'])('"%s" is not a port, and the error names the setting', (PORT) => {
  expect(() => portSetting('PORT', { settings: { PORT }, fallback: 3000 })).toThrow(`PORT must be a port`);
});

test.each(['127.0.0.1', '0.0.0.0'])(
  'a port that is taken on %s is an error that names the setting to change',
  async (host) => {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(requireFreePort({ name: 'SIDECAR_PORT', host: '127.0.0.1', port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken. Set SIDECAR_PORT`,
    );
    expect(await isFreePort('127.0.0.1', port)).toBe(false);
    server.close();
    await once(server, 'close');
    await requireFreePort({ name: 'SIDECAR_PORT', host: '127.0.0.1', port });
  },
);

test('an address of another machine is an error that names HOST', async () => {
  const port = await freePort();
  await expect(requireFreePort({ name: 'PORT', host: '192.0.2.1', port })).rejects.toThrow('Check HOST and PORT');
});
