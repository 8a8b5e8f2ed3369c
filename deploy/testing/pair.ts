import { tmpdir } from 'node:os';
import { buildApp } from '../../scripts/launch/build-app.ts';
import { inRoot } from '../../scripts/shared/paths.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { startProcess, type TestProcess } from '../../testing/process.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';
import { readComposeFile } from './compose-file.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { SECRET } from '../../testing/tokens.ts';

/** The built app and a sidecar, each in a process of its own, with their own Redis. */
export interface Pair {
  bed: TestBed;
  sidecar: SidecarProcess;
  app: TestProcess & { url: string; env: Record<string, string> };
  close(): Promise<void>;
}

export async function openPair(env: Record<string, string> = {}): Promise<Pair> {
  await buildApp();
  const bed = await openTestBed({ env });
  return startPair(bed, env).catch(async (error: unknown) => {
    await bed.close();
    throw error;
  });
}

async function startPair(bed: TestBed, env: Record<string, string>): Promise<Pair> {
  const sidecar = await bed.spawn();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const appEnv = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    SIDECAR_URL: sidecar.url,
    SIDECAR_SECRET: SECRET,
    SESSION_SECRET: 'a-session-secret-that-only-tests-know',
    LOG_LEVEL: 'info',
    ...env,
  };
  // The app is started with the command of the compose file.
  const [, ...args] = readComposeFile({ SIDECAR_SECRET: SECRET, SESSION_SECRET: SECRET, REDIS_PASSWORD: SECRET })
    .services.app!.command;
  const app = await startProcess({
    name: 'app',
    command: process.execPath,
    args: args.map((path) => inRoot(path)),
    cwd: tmpdir(), // a folder without .env
    env: appEnv,
    ready: () => answersHttp(`${url}/healthz`),
  });
  return {
    bed,
    sidecar,
    app: Object.assign(app, { url, env: appEnv }),
    async close() {
      await app.kill();
      await bed.close();
    },
  };
}
