import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../bootstrap/watch-parent.mjs';
import { until } from '../shared/wait.ts';
import { probeRedis } from './probe.ts';

/** A Redis server that an earlier run started on our data folder. */
export interface LeftBehind {
  port: number;
  /** True if the launcher that started the server still runs. Otherwise the launcher was killed and could not stop the server. */
  isInUse: boolean;
  /** Stops the server. It has ten seconds to save its data. */
  end(): Promise<void>;
}

const END_WITHIN_MS = 10_000;

/** Writes the id of this process and the port of its server into the data folder, for {@link findLeftBehind}. */
export function recordOwner(dir: string, { port }: { port: number }): void {
  writeFileSync(join(dir, 'owner.json'), JSON.stringify({ port, supervisor: process.pid }));
}

/** The name of the file that holds the process id of Redis while Redis runs. The file is in the data folder. */
export const PID_FILE = 'redis.pid';

export async function findLeftBehind(dir: string): Promise<LeftBehind | null> {
  const owner = readOwner(dir);
  const answer = owner ? await probeRedis({ port: owner.port }) : null;
  if (!owner || answer?.kind !== 'redis' || answer.pid !== owner.pid) return null;
  return {
    port: owner.port,
    isInUse: isAlive(owner.supervisor),
    async end() {
      process.kill(owner.pid, 'SIGTERM');
      const giveUp = AbortSignal.timeout(END_WITHIN_MS);
      if (!(await until(() => !isAlive(owner.pid), { signal: giveUp }))) process.kill(owner.pid, 'SIGKILL');
    },
  };
}

function readOwner(dir: string): { port: number; supervisor: number; pid: number } | null {
  try {
    const { port, supervisor } = JSON.parse(readFileSync(join(dir, 'owner.json'), 'utf8')) as Record<string, unknown>;
    const pid = Number(readFileSync(join(dir, PID_FILE), 'utf8'));
    return pid > 0 && typeof port === 'number' && typeof supervisor === 'number' ? { port, supervisor, pid } : null;
  } catch {
    return null; // The files do not exist or are not ours, so no server of ours was left behind.
  }
}
