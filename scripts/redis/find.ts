import type { Env } from '../shared/settings.ts';
import type { LeftBehind } from './left-behind.ts';
import type { RedisAnswer } from './info-reply.ts';
import { isNewEnough, OLDEST_REDIS } from '../../sidecar/store/redis/diagnose/redis-version.ts';

const DEFAULT_REDIS_PORT = 6379;

const SETTINGS = ['REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS', 'REDIS_HOST', 'REDIS_PORT', 'REDIS_PASSWORD'];

/** Where this run stores the streams. `note`: why a better place is not used. */
export type RedisChoice =
  | { kind: 'configured'; note?: string }
  | { kind: 'running'; port: number; note?: string }
  | { kind: 'own'; command: string; port: number; note?: string }
  | { kind: 'memory'; note?: string };

export interface FindRedisOptions {
  settings: Env;
  /** Finds out what listens on a port of the loopback interface. */
  probe: (port: number) => Promise<RedisAnswer>;
  installed: () => { command: string; version: string } | null;
  isFree: (port: number) => Promise<boolean>;
  freePort: () => Promise<number>;
  /** Our own server from an earlier run, if it still runs. */
  leftBehind: () => Promise<LeftBehind | null>;
}

/**
 * Chooses a Redis, in this order: the one in the settings; our own server that another run still uses; a local Redis on the default
 * port; a new server of our own, on the default port if that port is free. Without any of these, answers are kept in memory.
 */
export async function findRedis(options: FindRedisOptions): Promise<RedisChoice> {
  const { settings, probe, installed, isFree, freePort, leftBehind } = options;
  if (SETTINGS.some((name) => settings[name])) return { kind: 'configured' };
  // Two servers on our data folder would damage its files. So a server that another run still uses is shared, and one that a
  // killed run left behind is stopped first.
  const left = await leftBehind();
  if (left?.isInUse) return { kind: 'running', port: left.port };
  await left?.end();

  const local = await probe(DEFAULT_REDIS_PORT);
  const objection = objectionTo(local);
  if (local.kind === 'redis' && !objection) return { kind: 'running', port: DEFAULT_REDIS_PORT };
  const notes = objection ? [`The Redis on port ${DEFAULT_REDIS_PORT} is not used: ${objection}.`] : [];

  const server = installed();
  if (server && isNewEnough(server.version)) {
    const port = (await isFree(DEFAULT_REDIS_PORT)) ? DEFAULT_REDIS_PORT : await freePort();
    return { kind: 'own', command: server.command, port, ...noteOf(notes) };
  }
  if (server) notes.push(`${server.command} is version ${server.version}, ${OLDEST_REDIS} or newer is needed.`);
  return { kind: 'memory', ...noteOf(notes) };
}

function objectionTo(answer: RedisAnswer): string | null {
  switch (answer.kind) {
    case 'silent':
      return null;
    case 'refused':
      return `it says "${answer.reason}" (to use this Redis, set REDIS_URL with the password)`;
    case 'redis':
      if (!isNewEnough(answer.version)) return `it is version ${answer.version}, ${OLDEST_REDIS} or newer is needed`;
      if (answer.mode !== 'standalone')
        return `it runs in ${answer.mode} mode (to use this Redis, set REDIS_CLUSTER_NODES or REDIS_SENTINELS)`;
      if (answer.role !== 'master') return 'it is a replica, which takes no writes';
      return null;
  }
}

const noteOf = (notes: string[]) => (notes.length > 0 ? { note: notes.join(' ') } : {});
