import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../launch/supervisor.ts';
import type { Env } from '../shared/settings.ts';
import { PID_FILE, recordOwner } from './left-behind.ts';
import { probeRedis } from './probe.ts';

/**
 * A Redis server of our own. It listens on loopback only. Every write is on disk after about a second, so the next start has the
 * same data.
 */
export function redisService({
  command,
  port,
  dir,
  env,
}: {
  command: string;
  port: number;
  dir: string;
  env: Env;
}): Service {
  mkdirSync(dir, { recursive: true });
  recordOwner(dir, { port });
  const options = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    logfile: 'redis.log',
    pidfile: join(dir, PID_FILE),
  };
  return {
    name: 'redis',
    command,
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    env,
    graceMs: 10_000,
    stopLast: true,
    hint: `see ${join(dir, 'redis.log')}`,
    ready: async () => {
      const answer = await probeRedis({ port });
      return answer.kind === 'redis' && !answer.isLoading;
    },
  };
}
