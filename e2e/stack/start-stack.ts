import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { inRoot } from '../../scripts/shared/paths.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import type { Env } from '../../scripts/shared/settings.ts';
import { NO_LIMITS } from '../../testing/no-limits.ts';
import { startProcess, type TestProcess } from '../../testing/process.ts';
import { startRedis, type TestRedis } from '../../testing/start-redis.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts';

/** A complete Rejoin on free loopback ports. Its parts are real processes that a test may kill or freeze. */
export interface Stack {
  /** URL of the app, without a slash at the end. */
  baseURL: string;
  port: number;
  app: TestProcess;
  /** The app sends its requests to the first sidecar, unless {@link StackOptions.sidecarUrl} is set. */
  sidecars: TestProcess[];
  sidecarUrls: string[];
  /** The proxy between the app and the first sidecar; `null` unless requested. */
  sidecarProxy: TcpProxy | null;
  /** The stack's own Redis. `null` if the stack has no Redis, or if the test passed the URL of a running Redis. */
  redis: TestRedis | null;
  redisUrl: string | null;
  /** The secret that signs the tokens for the sidecars. */
  sidecarSecret: string;
  stop(): Promise<void>;
}

export interface StackOptions {
  /**
   * `true` (default): the stack starts a Redis of its own. A string: the URL of a running Redis, or of a proxy in front of it. `false`:
   * the sidecar keeps everything in memory.
   */
  redis?: boolean | string;
  /** Number of sidecars. Default: 1. */
  sidecars?: number;
  /** Settings of app and sidecars; they override {@link TEST_SETTINGS}. */
  env?: Env;
  /** Port of the app. Default: a free one. */
  port?: number;
  /** Where the app sends its requests, for example a proxy. Default: the first sidecar. */
  sidecarUrl?: string;
  /** Put a proxy between the app and the first sidecar: {@link Stack.sidecarProxy}. */
  proxied?: boolean;
}

/**
 * Default settings of app and sidecars. Nobody has to sign in, the synthetic model is available, and leases are short, so that a
 * test does not wait long for a takeover.
 */
export const TEST_SETTINGS: Env = {
  ...NO_LIMITS,
  NODE_ENV: 'production',
  SYNTHETIC_MODEL: '1',
  LEASE_MS: '1500',
  DRAIN_MS: '0',
  LOG_LEVEL: 'warn',
  HOST: '127.0.0.1',
  SIDECAR_SECRET: 'sidecar-secret-of-the-tests-0123456789',
  SESSION_SECRET: 'session-secret-of-the-tests-0123456789',
};

/** Environment variables of this machine that would change what tests do. */
const NOT_INHERITED = /^(REDIS|GOOGLE|OPENAI_COMPATIBLE|CLERK)_|^(SIDECAR_URL|NODE_OPTIONS)$/;

/** Starts Redis, the sidecars and the built app. Resolves when all of them answer. If one fails to start, all are stopped. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  if (!existsSync(inRoot('build/server/index.js'))) throw new Error('The app is not built: `npm run build` first.');
  const redis = (options.redis ?? true) === true ? await startRedis() : null;
  const redisUrl = redis?.url ?? (typeof options.redis === 'string' ? options.redis : null);
  const env = settingsOf(options);

  const sidecarPorts = await Promise.all(Array.from({ length: options.sidecars ?? 1 }, freePort));
  const sidecarUrls = sidecarPorts.map((sidecarPort) => `http://127.0.0.1:${sidecarPort}`);
  const sidecarEnv = redisUrl ? { ...env, REDIS_URL: redisUrl } : env;
  const sidecarProxy = options.proxied ? await startTcpProxy({ target: { port: sidecarPorts[0]! } }) : null;
  const sidecarUrl = sidecarProxy ? `http://127.0.0.1:${sidecarProxy.port}` : (options.sidecarUrl ?? sidecarUrls[0]);
  const port = options.port ?? (await freePort());
  const starting = [
    startApp({ port, env: { ...env, SIDECAR_URL: sidecarUrl } }),
    ...sidecarPorts.map((sidecarPort, index) => startSidecar({ index, port: sidecarPort, env: sidecarEnv })),
  ];
  const stop = async () => {
    const parts = await Promise.allSettled(starting);
    // App and sidecars are killed, because a normal stop of the app would wait for its readers.
    await Promise.all(parts.map(async (part) => part.status === 'fulfilled' && (await part.value.kill())));
    await Promise.all([sidecarProxy?.stop(), redis?.stop()]);
  };

  try {
    const [app, ...sidecars] = await Promise.all(starting);
    return {
      baseURL: `http://127.0.0.1:${port}`,
      port,
      app: app!,
      sidecars,
      sidecarUrls,
      sidecarProxy,
      redis,
      redisUrl,
      sidecarSecret: env.SIDECAR_SECRET!,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The environment of app and sidecars. They do not inherit a variable whose value here is `undefined`. */
function settingsOf({ env }: StackOptions): Env {
  const inherited = Object.keys(process.env).filter((name) => NOT_INHERITED.test(name));
  return { ...Object.fromEntries(inherited.map((name) => [name, undefined])), ...TEST_SETTINGS, ...env };
}

interface PartOptions {
  port: number;
  env: Env;
}

function startSidecar({ index, port, env }: PartOptions & { index: number }): Promise<TestProcess> {
  return startProcess({
    name: `sidecar ${index}`,
    command: process.execPath,
    args: [inRoot('sidecar/main.ts')],
    cwd: tmpdir(), // a folder without a developer's .env
    env: { ...env, SIDECAR_PORT: String(port) },
    ready: () => answersHttp(`http://127.0.0.1:${port}/healthz`),
  });
}

function startApp({ port, env }: PartOptions): Promise<TestProcess> {
  return startProcess({
    name: 'app',
    command: process.execPath,
    args: [inRoot('app/process/serve.ts')],
    cwd: inRoot(),
    env: { ...env, PORT: String(port) },
    ready: () => answersHttp(`http://127.0.0.1:${port}/healthz`),
  });
}
