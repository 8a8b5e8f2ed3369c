import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineRedis } from '../scripts/doctor/redis.ts';
import { findingLine } from '../scripts/doctor/finding.ts';
import { freePort } from '../scripts/launch/ports.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { requireGoodSettings } from '../scripts/shared/check-settings.ts';
import { until } from '../scripts/shared/wait.ts';
import { parseLogLines } from '../testing/log-lines.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import { SECRET } from '../testing/tokens.ts';

type Env = Record<string, string>;

/**
 * Settings that cannot be used. Each process ends with 78 and names the setting, what it must be, and the value, unless
 * that may be a secret; `npm start` says the same before it starts anything, and the doctor too.
 */
const SETTINGS: [name: string, settings: Env, process: 'sidecar' | 'app', line: RegExp][] = [
  [
    'no number',
    { LEASE_MS: '5s' },
    'sidecar',
    /LEASE_MS must be a whole number of milliseconds, 300 to 600000; given: 5s/,
  ],
  ['too small', { STREAM_TTL_SECONDS: '0' }, 'sidecar', /STREAM_TTL_SECONDS must be .* seconds, 1 to .*; given: 0/],
  ['a fraction', { MAX_STREAMS: '1.5' }, 'sidecar', /MAX_STREAMS must be a whole number of answers .*given: 1\.5/],
  ['a power', { STREAM_MAX_BYTES: '1e6' }, 'sidecar', /STREAM_MAX_BYTES must be .* bytes, .*given: 1e6/],
  [
    'an unknown choice',
    { RECOVERY: 'maybe' },
    'sidecar',
    /RECOVERY must be one of continue, restart, fail; given: maybe/,
  ],
  ['an unknown level', { LOG_LEVEL: 'loud' }, 'sidecar', /LOG_LEVEL must be one of trace, .*given: loud/],
  ['an invalid port', { SIDECAR_PORT: '70000' }, 'sidecar', /SIDECAR_PORT must be a port, .*given: 70000/],
  ['an address to listen on', { HOST: 'http://0.0.0.0' }, 'sidecar', /HOST must be an IP address or a host name/],
  [
    'a short secret',
    { SIDECAR_SECRET: 'hush-hush' },
    'sidecar',
    /SIDECAR_SECRET must be at least 16 characters long\./,
  ],
  ['Redis without a scheme', { REDIS_URL: 'localhost:6379' }, 'sidecar', /REDIS_URL must be an address like redis:/],
  ['Redis over HTTP', { REDIS_URL: 'http://u:hush-hush@r' }, 'sidecar', /REDIS_URL must be .*given: …@r/],
  ['an invalid node', { REDIS_CLUSTER_NODES: 'a:b:c' }, 'sidecar', /REDIS_CLUSTER_NODES must be addresses like/],
  [
    'a model server',
    { OPENAI_COMPATIBLE_BASE_URL: 'ollama' },
    'sidecar',
    /OPENAI_COMPATIBLE_BASE_URL must be an address that begins with http/,
  ],
  [
    'models without a server',
    { OPENAI_COMPATIBLE_MODELS: 'llama3' },
    'sidecar',
    /OPENAI_COMPATIBLE_MODELS is of no use without/,
  ],
  [
    'one half of Clerk',
    { CLERK_SECRET_KEY: 'sk_test_hush-hush' },
    'app',
    /CLERK_SECRET_KEY is set without CLERK_PUBLISHABLE_KEY/,
  ],
  [
    'the other half of Clerk',
    { CLERK_PUBLISHABLE_KEY: `pk_test_${btoa('x.example$')}` },
    'app',
    /CLERK_PUBLISHABLE_KEY is set without CLERK_SECRET_KEY/,
  ],
  [
    'a number of proxies',
    { TRUST_PROXY: 'one' },
    'app',
    /TRUST_PROXY must be a whole number of proxies, 0 to 16; given: one/,
  ],
  ['an origin', { APP_ORIGIN: 'chat.example' }, 'app', /APP_ORIGIN must be addresses like/],
  ['strangers as guests', { HOST: '0.0.0.0' }, 'app', /HOST is 0\.0\.0\.0, so strangers may reach this app/],
];

/** Runs a process with these settings, and returns its exit code and its output. */
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
  test.each(SETTINGS)('%s', async (_, settings, process, line) => {
    const script = process === 'sidecar' ? 'sidecar/main.ts' : 'app/process/serve.ts';
    const { code, said } = await run(script, settings);
    expect([code, said]).toEqual([78, expect.stringMatching(line)]);
    expect(said).not.toContain('hush-hush');
    expect(() => requireGoodSettings({ ...settings }, { withApp: true })).toThrow(line);
  });

  test('a port that is taken is named', async () => {
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

describe('a Redis that cannot be used', { timeout: 60_000 }, () => {
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
    add('no password', `redis://${address}`, 'wrong_login', /asks for a password, and none is set here \(NOAUTH\)/);
    add(
      'wrong password',
      `redis://:hush-hush@${address}`,
      'wrong_login',
      /refuses the user or the password \(WRONGPASS\)/,
    );
    add('unknown host', 'redis://no-such-host.invalid:6379', 'unknown_host', /cannot be found/);
    add(
      'closed port',
      `redis://127.0.0.1:${await freePort()}`,
      'closed_port',
      /nothing listens on this port \(ECONNREFUSED\)/,
    );
    add('TLS to a plain port', `rediss://:sesame@${address}`, 'not_tls', /does not speak TLS on this port/);
    add('something else', `redis://${at(web)}`, 'not_redis', /does not speak Redis’s protocol/);
    add('silence', `redis://${at(mute)}`, 'silent', /did not answer in time/);
    add('a database that does not exist', `redis://:sesame@${address}/99`, 'no_database', /no database of the number/);
    add('a replica', replica.url, 'replica', /is a read-only replica \(READONLY\)/);
  }, 60_000);
  afterAll(async () => {
    for (const server of opened) server.close();
    await replica.stop();
    await redis.stop();
  });

  test.each([
    'no password',
    'wrong password',
    'unknown host',
    'closed port',
    'TLS to a plain port',
    'something else',
    'silence',
    'a database that is none',
    'a replica',
  ])('%s: log, /readyz and doctor say the same, and the process goes on', async (name) => {
    const { url, problem, reason } = cases.get(name)!;
    await withSidecar(url, async ({ ready, log, isRunning }) => {
      expect(await ready(problem)).toMatchObject({
        status: 503,
        body: { problem, reason: expect.stringMatching(reason) },
      });
      const line = log().find((entry) => entry.event === 'redis.away' && entry.problem === problem);
      expect(line).toMatchObject({ reason: expect.stringMatching(reason), remedy: expect.stringMatching(/\S/) });
      expect(line!.address).toBe(url.replace(/^\w+:\/\/(?:.*@)?/, ''));
      expect(JSON.stringify(log())).not.toMatch(/hush-hush|sesame/);
      expect(isRunning()).toBe(true);
    });
    const [finding] = await examineRedis({ url }, 'here');
    expect(finding).toMatchObject({ level: 'fail', found: expect.stringMatching(reason) });
    expect(findingLine(finding!)).not.toMatch(/hush-hush|sesame/);
  });

  test.each([
    ['full', ['--maxmemory', '1mb', '--maxmemory-policy', 'noeviction'], 'full', /is full and refuses new data \(OOM/],
    ['evicting', ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'], null, /allkeys-lru, within 100 MB/],
  ] as const)('%s', async (_, args, problem, reason) => {
    const server = await startRedis({ args: [...args] });
    try {
      await withSidecar(server.url, async ({ ready, log }) => {
        const answer = await ready(problem ?? undefined);
        expect([answer.status, answer.body.problem]).toEqual(problem ? [503, problem] : [200, undefined]);
        expect(log().some((entry) => reason.test(String(entry.reason)))).toBe(true);
      });
      const found = (await examineRedis({ url: server.url }, 'here')).map(findingLine);
      expect(found.find((line) => line.startsWith('fail')) ?? found).toMatch(
        problem ? /refuses new data \(OOM/ : reason,
      );
    } finally {
      await server.stop();
    }
  });

  test('one that cannot save its data', async () => {
    const server = await startRedis({ args: ['--save', '1 1', '--dbfilename', 'dump.rdb'] });
    const client = await createClient({ url: server.url }).connect();
    try {
      // Saving to the name of a folder fails, like saving to a full disk.
      await client.sendCommand(['CONFIG', 'SET', 'rdbcompression', 'no']);
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
      expect(found.join('\n')).toMatch(/fail  Redis on disk +it refuses to write .*MISCONF/);
    } finally {
      client.destroy();
      await server.stop();
    }
  });
});

interface Watched {
  /** The answer of `/readyz`, as soon as it names the problem (or is 200), at most 5 s later. */
  ready(problem?: string): Promise<{ status: number; body: Record<string, unknown> }>;
  log(): Record<string, unknown>[];
  isRunning(): boolean;
}

async function withSidecar(redisUrl: string, look: (sidecar: Watched) => Promise<void>): Promise<void> {
  const port = await freePort();
  const child = spawn(process.execPath, [inRoot('sidecar/main.ts')], {
    cwd: tmpdir(),
    env: { ...process.env, HOST: '127.0.0.1', SIDECAR_SECRET: SECRET, SIDECAR_PORT: String(port), REDIS_URL: redisUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text) => (said += text));
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  try {
    await until(
      () =>
        ask().then(
          () => true,
          () => false,
        ),
      { signal: AbortSignal.timeout(30_000) },
    );
    await look({
      async ready(problem) {
        const signal = AbortSignal.timeout(5000);
        await until(async () => (await ask()).body.problem === problem, { signal });
        return ask();
      },
      log: () => parseLogLines(said),
      isRunning: () => child.exitCode === null,
    });
  } finally {
    child.kill('SIGKILL');
  }
}
