import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { inRoot } from '../scripts/shared/paths.ts';
import { freePort } from '../scripts/launch/ports.ts';
import { startProcess } from '../testing/process.ts';
import { answersHttp } from '../scripts/shared/wait.ts';
import { startStack, TEST_SETTINGS } from './stack/start-stack.ts';
import { expect, test } from './stack/test.ts';

const APP = [inRoot('app/process/serve.ts')];

/** Runs the built app, which is expected to exit by itself. */
async function runToItsEnd(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, APP, {
    cwd: inRoot(),
    env: { ...process.env, ...TEST_SETTINGS, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
  });
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
  return { code, output };
}

test('the app exits with 78 and names the setting if a setting is wrong', async () => {
  const { code, output } = await runToItsEnd({ PORT: String(await freePort()), TRUST_PROXY: 'everybody' });
  expect(code).toBe(78);
  expect(output).toContain('TRUST_PROXY');
});

test('the app exits with 1 if its port is taken', async ({ stack }) => {
  const { code, output } = await runToItsEnd({ PORT: String(stack.port) });
  expect(code).toBe(1);
  expect(output).toMatch(/EADDRINUSE|Another program listens/);
});

test('the app exits with 1 after an unhandled error', async () => {
  const port = await freePort();
  const fail = `process.on('SIGUSR2', () => { void Promise.reject(new Error('unforeseen')) })`;
  const app = await startProcess({
    name: 'app',
    command: process.execPath,
    args: APP,
    cwd: inRoot(),
    env: {
      ...TEST_SETTINGS,
      PORT: String(port),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fail)}`,
    },
    ready: () => answersHttp(`http://127.0.0.1:${port}/healthz`),
  });
  await app.kill('SIGUSR2');
  expect(await app.ended()).toBe(1);
  expect(app.output).toContain('unforeseen');
});

test('the app stays up while Redis or the sidecar is away, and is ready again when the missing process is back', async ({}) => {
  const stack = await startStack();
  const status = async (path: string) => (await fetch(stack.baseURL + path)).status;
  try {
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
    await stack.redis!.kill();
    await expect.poll(() => status('/readyz')).toBe(503);
    expect(await (await fetch(`${stack.baseURL}/readyz`)).json()).toMatchObject({
      code: 'store_unavailable',
      problem: 'closed_port',
      detail: expect.stringContaining('nothing listens on this port'),
      remedy: expect.stringContaining('Start Redis there'),
    });
    expect(await status('/healthz')).toBe(200);
    await stack.redis!.restart();
    await expect.poll(() => status('/readyz')).toBe(200);

    const [sidecar] = stack.sidecars;
    await sidecar!.kill();
    await expect.poll(() => status('/readyz')).toBe(502);
    expect(await status('/healthz')).toBe(200);
    await sidecar!.restart();
    await expect.poll(() => status('/readyz')).toBe(200);
    expect(stack.app.isRunning).toBe(true);
  } finally {
    await stack.stop();
  }
});
