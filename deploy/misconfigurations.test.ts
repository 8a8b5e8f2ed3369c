import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineRedis } from '../scripts/doctor/redis.ts';
import { findingLine } from '../scripts/doctor/finding.ts';
import { freePort } from '../scripts/launch/ports.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { requireGoodSettings } from '../scripts/shared/check-settings.ts';
import { until } from '../scripts/shared/wait.ts';
import { parseLogLines } from '../testing/log-lines.ts';
import { startBody } from '../testing/caller.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import { SECRET, token } from '../testing/tokens.ts';
import { asFastClock, asOldVersion, startAlteredRedis } from './testing/altered-redis.ts';
import { groupsOf, SETTINGS } from './testing/wrong-settings.ts';

type Env = Record<string, string>;

async function run(script: string, settings: Env): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [inRoot(script)], {
    cwd: tmpdir(), // a folder without .env
    env: { ...process.env, HOST: '127.0.0.1', SIDECAR_SECRET: SECRET, SESSION_SECRET: SECRET, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

describe('settings that cannot be used', () => {
  test.each([
    ['sidecar', 'sidecar/main.ts'],
    ['app', 'app/process/serve.ts'],
  ] as const)('make the %s exit with 78 and say what each setting must be', async (process, script) => {
    for (const rows of groupsOf(process)) {
      const { code, said } = await run(script, Object.assign({}, ...rows.map(([, settings]) => settings)) as Env);
      for (const [name, , , line] of rows) expect([name, code, said]).toEqual([name, 78, expect.stringMatching(line)]);
      expect(said).not.toContain('hush-hush');
    }
  });

  test.each(SETTINGS)('are refused by `npm start` with the same words: %s', (_name, settings, _process, line) => {
    expect(() => requireGoodSettings({ ...settings }, { withApp: true })).toThrow(line);
  });

  test('make the sidecar exit with 1 and name the port if another program uses this port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, said } = await run('sidecar/main.ts', { SIDECAR_PORT: String(port) });
    expect([code, said]).toEqual([
      1,
      expect.stringContaining(`Another program listens on 127.0.0.1:${port}. Set SIDECAR_PORT`),
    ]);
    taken.close();
  });
});

describe('a Redis with a problem', { timeout: 60_000 }, () => {
  let redis: TestRedis;
  let replica: TestRedis;
  const opened: (Server | ReturnType<typeof createHttpServer>)[] = [];
  const cases = new Map<string, { url: string; problem: string; reason: RegExp }>();

  beforeAll(async () => {
    redis = await startRedis();
    const client = await createClient({ url: redis.url }).connect();
    await client.configSet('requirepass', 'sesame');
    client.destroy();
    const address = redis.url.replace('redis://', '');
    replica = await startRedis({
      args: ['--replicaof', '127.0.0.1', address.split(':')[1]!, '--masterauth', 'sesame'],
    });
    const web = createHttpServer((_, response) => response.end('hello'));
    const mute = createServer(() => {});
    for (const server of [web, mute]) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      opened.push(server);
    }
    const at = (server: Server | typeof web) => `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const add = (name: string, url: string, problem: string, reason: RegExp) =>
      cases.set(name, { url, problem, reason });
    add(
      'it wants a password',
      `redis://${address}`,
      'wrong_login',
      /asks for a password, and none is set here \(NOAUTH\)/,
    );
    add(
      'the password is wrong',
      `redis://:hush-hush@${address}`,
      'wrong_login',
      /refuses the user or the password \(WRONGPASS\)/,
    );
    add('its host is unknown', 'redis://no-such-host.invalid:6379', 'unknown_host', /cannot be found/);
    add(
      'nothing listens on its port',
      `redis://127.0.0.1:${await freePort()}`,
      'closed_port',
      /nothing listens on this port \(ECONNREFUSED\)/,
    );
    add('its port does not speak TLS', `rediss://:sesame@${address}`, 'not_tls', /does not speak TLS on this port/);
    add('it is another kind of server', `redis://${at(web)}`, 'not_redis', /does not speak Redis’s protocol/);
    add('it does not answer', `redis://${at(mute)}`, 'silent', /did not answer in time/);
    add('it has no such database', `redis://:sesame@${address}/99`, 'no_database', /no database with the number/);
    add('it is a replica', replica.url, 'replica', /is a read-only replica \(READONLY\)/);
  }, 60_000);
  afterAll(async () => {
    for (const server of opened) server.close();
    await replica.stop();
    await redis.stop();
  });

  test.each([
    'it wants a password',
    'the password is wrong',
    'its host is unknown',
    'nothing listens on its port',
    'its port does not speak TLS',
    'it is another kind of server',
    'it does not answer',
    'it has no such database',
    'it is a replica',
  ])('(%s) is reported alike by the log, /readyz, a refused start and the doctor', async (name) => {
    const { url, problem, reason } = cases.get(name)!;
    await withSidecar(url, async ({ ready, start, log, isRunning }) => {
      expect(await ready(problem)).toMatchObject({
        status: 503,
        body: { problem, reason: expect.stringMatching(reason) },
      });
      const line = log().find((entry) => entry.event === 'redis.away' && entry.problem === problem);
      expect(line).toMatchObject({ reason: expect.stringMatching(reason), remedy: expect.stringMatching(/\S/) });
      expect(await start()).toMatchObject({
        status: 503,
        body: { code: 'store_unavailable', problem, detail: expect.stringMatching(reason) },
      });
      expect(line!.address).toBe(url.replace(/^\w+:\/\/(?:.*@)?/, ''));
      expect(JSON.stringify(log())).not.toMatch(/hush-hush|sesame/);
      expect(isRunning()).toBe(true);
    });
    const [finding] = await examineRedis({ url }, 'here');
    expect(finding).toMatchObject({ level: 'fail', found: expect.stringMatching(reason) });
    expect(findingLine(finding!)).not.toMatch(/hush-hush|sesame/);
  });

  test.each([
    ['it is full', ['--maxmemory', '1mb', '--maxmemory-policy', 'noeviction'], same, 'full', /refuses new data \(OOM/],
    [
      'it evicts keys',
      ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
      same,
      null,
      /allkeys-lru, above 100 MB/,
    ],
    ['it is an old version', [], asOldVersion, 'too_old', /is version 6\.2\.14?, which is too old/],
    ['its clock is an hour ahead', [], asFastClock, null, /36\d\d\.\d s ahead of ours/],
  ] as const)(
    '(%s) is reported by the log and the doctor, and by /readyz if the sidecar cannot use Redis',
    async (_, args, alter, problem, reason) => {
      const server = await startRedis({ args: [...args] });
      const { url, stop } = await startAlteredRedis(server.url, alter);
      try {
        await withSidecar(url, async ({ ready, log, isRunning }) => {
          const answer = await ready(problem ?? undefined);
          expect([answer.status, answer.body.problem]).toEqual(problem ? [503, problem] : [200, undefined]);
          expect(log().find((entry) => reason.test(String(entry.reason)))).toMatchObject({
            remedy: expect.stringMatching(/\S/),
          });
          expect(isRunning()).toBe(true);
        });
        const found = (await examineRedis({ url }, 'here')).map(findingLine);
        expect(found.find((line) => reason.test(line))).toMatch(/^(fail|warn) /);
      } finally {
        stop();
        await server.stop();
      }
    },
  );

  test('(it fails to save) is reported by /readyz and the doctor', async () => {
    const server = await startRedis({ args: ['--save', '1 1', '--dbfilename', 'dump.rdb'] });
    const client = await createClient({ url: server.url }).connect();
    try {
      await client.sendCommand(['CONFIG', 'SET', 'rdbcompression', 'no']);
      // Saving to the name of a folder fails, like saving to a full disk.
      mkdirSync(`${server.dir}/dump.rdb/x`, { recursive: true });
      await client.set('x', '1');
      await until(async () => /rdb_last_bgsave_status:err/.test(await client.info()), {
        signal: AbortSignal.timeout(15_000),
      });
      await withSidecar(server.url, async ({ ready }) => {
        expect(await ready('not_saving')).toMatchObject({
          status: 503,
          body: { problem: 'not_saving', reason: expect.stringMatching(/MISCONF/) },
        });
      });
      const found = (await examineRedis({ url: server.url }, 'here')).map(findingLine);
      expect(found.join('\n')).toMatch(/fail  Redis on disk +Redis refuses to write .*MISCONF/);
    } finally {
      client.destroy();
      await server.stop();
    }
  });
});

const same = (answer: string) => answer;

interface Watched {
  /** Asks `/readyz` for up to 5 s until its response names `problem`, or no problem if `problem` is missing. Then asks once more. */
  ready(problem?: string): Promise<{ status: number; body: Record<string, unknown> }>;
  start(): Promise<{ status: number; body: Record<string, unknown> }>;
  log(): Record<string, unknown>[];
  isRunning(): boolean;
}

/**
 * Starts a sidecar, waits until it listens, and calls `look`. Within 2 s after the sidecar's code was loaded, `/readyz` must give the
 * answer that `look` waits for. No response of `/readyz` may take longer than 2 s. These times are checked only if the machine is not busy.
 */
async function withSidecar(redisUrl: string, look: (sidecar: Watched) => Promise<void>): Promise<void> {
  const toldAfterMs = await watchSidecar(redisUrl, look);
  expect(toldAfterMs).toBeGreaterThan(0);
  if (loadavg()[0]! <= availableParallelism()) expect(toldAfterMs).toBeLessThanOrEqual(WITHIN_MS);
}

const WITHIN_MS = 2000;

/**
 * Resolves to the larger of two times in ms: the time until `/readyz` gave the answer that `look` waits for, and the time of the
 * slowest response of `/readyz`.
 */
async function watchSidecar(redisUrl: string, look: (sidecar: Watched) => Promise<void>): Promise<number> {
  const port = await freePort();
  const child = spawn(process.execPath, [inRoot('sidecar/main.ts')], {
    cwd: tmpdir(),
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      SIDECAR_SECRET: SECRET,
      SIDECAR_PORT: String(port),
      REDIS_URL: redisUrl,
      DRAIN_MS: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text) => (said += text));
  const call = async (path: string, request?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, request);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  let slowest = 0;
  const ask = async () => {
    const askedAt = performance.now();
    const answer = await call('/readyz');
    slowest = Math.max(slowest, performance.now() - askedAt);
    return answer;
  };
  try {
    const listening = () => parseLogLines(said).find(({ event }) => event === 'sidecar.listening');
    await until(() => listening() !== undefined, { signal: AbortSignal.timeout(30_000) });
    const listeningAt = performance.now();
    let toldAfterMs = Number(listening()!.afterMs);
    await look({
      async ready(problem) {
        const signal = AbortSignal.timeout(5000);
        await until(async () => (await ask()).body.problem === problem, { signal });
        toldAfterMs += performance.now() - listeningAt;
        return ask();
      },
      start: async () =>
        call('/streams', {
          method: 'POST',
          headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
          body: JSON.stringify(startBody({ modelId: 'demo' })),
        }),
      log: () => parseLogLines(said),
      isRunning: () => child.exitCode === null && child.signalCode === null,
    });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    return Math.max(slowest, toldAfterMs);
  } finally {
    child.kill('SIGKILL');
  }
}
