import { spawnSync } from 'node:child_process';
import { which } from '../shared/which.ts';

/** The Redis or Valkey server program on the PATH, and its version. */
export function installedRedis(): { command: string; version: string } | null {
  const command = which('redis-server') ?? which('valkey-server');
  if (!command) return null;
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return { command, version: /v=(\S+)/.exec(stdout)?.[1] ?? '0' };
}
