import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../scripts/launch/ports.ts';
import { installedRedis } from '../scripts/redis/installed.ts';
import { probeRedis } from '../scripts/redis/probe.ts';
import { isNewEnough, OLDEST_REDIS } from '../sidecar/store/redis/diagnose/redis-version.ts';
import { startProcess, type TestProcess } from './process.ts';

/** A Redis server that belongs to one test. The test can kill, freeze and restart this server. */
export interface TestRedis extends Pick<TestProcess, 'pid' | 'kill' | 'freeze' | 'thaw' | 'restart' | 'stop'> {
  url: string;
  port: number;
  dir: string;
}

export interface TestRedisOptions {
  /** Default: a free port. */
  port?: number;
  /** Default: a temporary folder, which `stop()` removes. */
  dir?: string;
  /** Further arguments, for example `['--appendonly', 'yes']`. By default nothing is written to disk. */
  args?: string[];
}

/** Starts a Redis server and resolves when it answers. If Redis is not installed, rejects and says what to install. */
export async function startRedis({ port, dir, args = [] }: TestRedisOptions = {}): Promise<TestRedis> {
  const command = requireRedis();
  const listenPort = port ?? (await freePort());
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'rejoin-redis-'));
  const settings = ['--port', String(listenPort), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = await startProcess({
    name: 'redis',
    command,
    args: [...settings, '--appendonly', 'no', ...args],
    ready: async () => {
      const answer = await probeRedis({ port: listenPort });
      return answer.kind === 'redis' && !answer.isLoading;
    },
  });
  return {
    url: `redis://127.0.0.1:${listenPort}`,
    port: listenPort,
    dir: folder,
    get pid() {
      return server.pid;
    },
    kill: server.kill,
    freeze: server.freeze,
    thaw: server.thaw,
    restart: server.restart,
    async stop() {
      await server.stop();
      if (!dir) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function requireRedis(): string {
  const found = installedRedis();
  if (found && isNewEnough(found.version)) return found.command;
  throw new Error(
    `The tests need redis-server ${OLDEST_REDIS} or newer on the PATH (found: ${found?.version ?? 'none'}). ` +
      'Install it with `sudo apt-get install redis-server` or `brew install redis`.',
  );
}
