import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { inRoot } from '../../scripts/shared/paths.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { startProcess } from '../../testing/process.ts';
import { startRedis, type TestRedis } from '../../testing/start-redis.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';
import { createCaller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { parseLogLines } from '../../testing/log-lines.ts';
import { isReady, openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { SECRET } from '../../testing/tokens.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let bed: TestBed;
beforeAll(async () => {
  bed = await openTestBed();
});
afterAll(() => bed.close());

async function runToItsEnd(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [inRoot('sidecar/main.ts')], {
    cwd: tmpdir(), // a folder without .env
    env: { ...process.env, SIDECAR_PORT: '0', SIDECAR_SECRET: SECRET, REDIS_URL: bed.redis.url, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
  });
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
  return { code, output };
}

describe('the sidecar says what is wrong, and exits', () => {
  test.concurrent.each([
    { setting: 'SIDECAR_SECRET', value: '' },
    { setting: 'LEASE_MS', value: 'soon' },
    { setting: 'MAX_ACTIVE_STREAMS_PER_USER', value: '-1' },
    { setting: 'REDIS_URL', value: 'http://127.0.0.1' },
  ])('with status 78 when $setting is "$value", because a restart would not help', async ({ setting, value }) => {
    const { code, output } = await runToItsEnd({ [setting]: value });
    expect(code).toBe(78);
    expect(output).toMatch(new RegExp(`^sidecar: ${setting} .+\n$`));
  });

  test('with status 1 if its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, output } = await runToItsEnd({ SIDECAR_PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(output).toContain(`Another program listens on 127.0.0.1:${port}`);
  });

  test.each(['Promise.reject(failure)', 'process.nextTick(() => { throw failure })'])(
    'with status 1 after an unhandled error (%s), and another sidecar continues the answers',
    async (fail) => {
      // Nothing in the code fails like this on purpose, so the test injects the failure from outside.
      const code = `process.on('SIGUSR2', () => { const failure = new Error('unforeseen'); ${fail}; })`;
      const [doomed, other] = await Promise.all([
        bed.spawn({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }),
        bed.spawn(),
      ]);
      const caller = await createCaller(doomed);
      const streamId = await caller.startStream({ modelId: 'synthetic/100x20@50' });
      await doomed.kill('SIGUSR2');
      expect(await doomed.ended()).toBe(1);
      expect(parseLogLines(doomed.output).some(({ event }) => event === 'sidecar.failed')).toBe(true);
      expect((await caller.at(other).untilEnded(streamId, { withinMs: 30_000 })).status).toBe('completed');
    },
  );
});

describe('the sidecar keeps running', () => {
  test('without Redis: it is not ready, and becomes ready as soon as Redis is there', async () => {
    const port = await freePort();
    const sidecarPort = await freePort();
    const url = `http://127.0.0.1:${sidecarPort}`;
    let redis: TestRedis | undefined;
    const sidecar = await startProcess({
      name: 'sidecar',
      command: process.execPath,
      args: [inRoot('sidecar/main.ts')],
      cwd: tmpdir(),
      env: {
        ...{ SIDECAR_SECRET: SECRET, SYNTHETIC_MODEL: '1', LEASE_MS: '1000' },
        ...{ SIDECAR_PORT: String(sidecarPort), REDIS_URL: `redis://127.0.0.1:${port}` },
      },
      ready: () => answersHttp(`${url}/healthz`),
    });
    try {
      const caller = await createCaller({ url });
      expect(await isReady(url)).toBe(false);
      const request = { chatId: 'c1', messageId: 'm1', modelId: 'synthetic/3x20@0' };
      const refused = await caller.start(request);
      expect(refused).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

      redis = await startRedis({ port });
      await eventually('the sidecar is ready', () => isReady(url));
      const { body } = await caller.start(request);
      expect((await caller.untilEnded(body.streamId)).status).toBe('completed');

      await redis.kill();
      await eventually('the sidecar is not ready', async () => !(await isReady(url)));
      await redis.restart();
      await eventually('the sidecar is ready again', () => isReady(url));
      expect(sidecar.isRunning).toBe(true);
      await sidecar.kill('SIGTERM');
      expect(await sidecar.ended()).toBe(0);
    } finally {
      await sidecar.stop();
      await redis?.stop();
    }
  });
});
