import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createClient, RESP_TYPES } from 'redis';
import { freePort } from '../scripts/launch/ports.ts';
import { NO_LIMITS } from './no-limits.ts';
import { startProcess, type TestProcess } from './process.ts';
import { startRedis, type TestRedis } from './start-redis.ts';
import { readConfig } from '../sidecar/config.ts';
import type { Log, LogFields } from '../sidecar/log.ts';
import { startSidecar } from '../sidecar/main.ts';
import { unpackLog } from '../sidecar/store/streams/packed-log.ts';
import { createLogLines, parseLogLines, type LogLines } from './log-lines.ts';
import { SECRET } from './tokens.ts';

type Env = Record<string, string>;

/** A sidecar in the test's own process. */
export interface TestSidecar {
  url: string;
  log: LogLines;
  stop(drainMs?: number): Promise<void>;
}

/** A sidecar in a separate process, to which a test can send signals. */
export interface SidecarProcess extends TestProcess {
  url: string;
  log: LogLines;
}

/**
 * A private Redis server, with sidecars. Sidecars cannot use the Redis server that test files share: a sidecar takes over or cleans
 * up all streams without an owner, and other tests leave such streams on purpose.
 */
export interface TestBed {
  redis: TestRedis;
  /** A client for looking into Redis. Replies are text. */
  db: TestDb;
  /** The stored log of a stream. If Redis holds the log packed, returns it unpacked. */
  storedLog(streamId: string): Promise<Buffer>;
  start(env?: Env): Promise<TestSidecar>;
  spawn(env?: Env): Promise<SidecarProcess>;
  log: LogLines;
  close(): Promise<void>;
}

const createDb = (url: string) => createClient({ url });
export type TestDb = ReturnType<typeof createDb>;

/** A short lease, and no cleanups except those that a test asks for. */
const DEFAULTS: Env = {
  ...NO_LIMITS,
  HOST: '127.0.0.1',
  SIDECAR_PORT: '0',
  SIDECAR_SECRET: SECRET,
  LEASE_MS: '1000',
  CLEANUP_INTERVAL_MS: '3600000',
  SYNTHETIC_MODEL: '1',
};

const MAIN = fileURLToPath(new URL('../sidecar/main.ts', import.meta.url));

export async function openTestBed({ redisArgs, env = {} }: { redisArgs?: string[]; env?: Env } = {}): Promise<TestBed> {
  const redis = await startRedis({ args: redisArgs });
  const db = createDb(redis.url);
  db.on('error', () => {
    /* tests kill Redis on purpose; a failed command rejects by itself */
  });
  await db.connect();
  const stops: (() => Promise<void>)[] = [];
  const logs: LogLines[] = [];
  const settings = (more: Env): Env => ({ ...DEFAULTS, REDIS_URL: redis.url, ...env, ...more });

  return {
    redis,
    db,
    log: createLogLines(() => logs.flatMap(({ all }) => all)),

    async storedLog(streamId) {
      const buffers = db.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      const index = () => db.hGet(`{stream:${streamId}}:meta`, 'packed');
      for (;;) {
        const before = await index();
        const [log, state] = [await buffers.get(`{stream:${streamId}}:log`), await buffers.get(`stream:${streamId}`)];
        if (before !== (await index())) continue; // the log was packed meanwhile
        if (log === null) return Buffer.alloc(0);
        return before == null ? log : unpackLog(log, before, state ?? Buffer.alloc(0));
      }
    },

    async start(more = {}) {
      const lines: LogFields[] = [];
      const config = readConfig({ ...settings(more), LOG_LEVEL: 'info' });
      const sidecar = await startSidecar({ config, log: logInto(lines) });
      let stopped: Promise<void> | null = null;
      const stop = (drainMs = 0) => (stopped ??= sidecar.stop(drainMs));
      stops.push(stop);
      const log = createLogLines(() => lines);
      logs.push(log);
      return { url: sidecar.url, log, stop };
    },

    async spawn(more = {}) {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const child = await startProcess({
        name: 'sidecar',
        command: process.execPath,
        args: [MAIN],
        env: { LOG_LEVEL: 'info', ...settings(more), SIDECAR_PORT: String(port) },
        cwd: tmpdir(), // a folder without .env
        ready: () => isReady(url),
      });
      stops.push(() => child.kill('SIGKILL'));
      const log = createLogLines(() => parseLogLines(child.output));
      logs.push(log);
      return Object.assign(child, { url, log });
    },

    async close() {
      await Promise.all(stops.map((stop) => stop()));
      db.destroy();
      await redis.stop();
    },
  };
}

export const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false,
  );

function logInto(lines: LogFields[]): Log {
  const push = (fields: LogFields) => void lines.push(fields);
  return { debug: () => {}, info: push, warn: push, error: push };
}
