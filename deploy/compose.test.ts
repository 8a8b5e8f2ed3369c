import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressKey } from '../app/auth/client-address.server.ts';
import { isPatched } from '../scripts/bootstrap/node-version.mjs';
import { buildApp } from '../scripts/launch/build-app.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { freePort } from '../scripts/launch/ports.ts';
import type { Env } from '../scripts/shared/settings.ts';
import { follow, followToTheEnd } from '../testing/follow.ts';
import { startProcess } from '../testing/process.ts';
import { answersHttp, until } from '../scripts/shared/wait.ts';
import { startBody } from '../testing/caller.ts';
import { token } from '../testing/tokens.ts';
import { checkWholeLog, countDeltas } from '../testing/whole-log.ts';
import { durationMs, readComposeFile, sizeBytes } from './testing/compose-file.ts';
import { startLocalStack, type LocalStack } from './testing/local-stack.ts';
import { startTlsProxy } from './testing/tls-proxy.ts';

const DOT_ENV = {
  SIDECAR_SECRET: 'sidecar-secret-of-the-tests-0123456789',
  SESSION_SECRET: 'session-secret-of-the-tests-0123456789',
  REDIS_PASSWORD: 'redis-password-of-the-tests',
  ALLOW_GUESTS: '1',
  SYNTHETIC_MODEL: '1',
  MAX_ACTIVE_STREAMS_PER_USER: '0',
  MAX_STARTS_PER_MINUTE: '0',
  LEASE_MS: '1500',
  LOG_LEVEL: 'info',
};

const file = readComposeFile(DOT_ENV);
const services = Object.entries(file.services);
const sidecars = services.filter(([name]) => name.startsWith('sidecar-'));
const nginxConf = readFileSync(inRoot('deploy/nginx.conf'), 'utf8');
const dockerfile = readFileSync(inRoot('Dockerfile'), 'utf8');

beforeAll(() => buildApp(), 120_000);

/** The keys of the Compose specification that docker-compose.yml uses. A misspelt key fails the test. */
const TOP_LEVEL = /^(name|services|networks|volumes|x-[a-z-]+)$/;
const SERVICE_KEYS = new Set(
  `build cap_drop command depends_on entrypoint env_file environment healthcheck image init mem_limit networks ports
   profiles read_only restart security_opt stop_grace_period stop_signal tmpfs ulimits user volumes`.split(/\s+/),
);

describe('docker-compose.yml', () => {
  test('uses only keys of the specification', () => {
    expect(Object.keys(file).filter((key) => !TOP_LEVEL.test(key))).toEqual([]);
    for (const [name, service] of services)
      expect([name, Object.keys(service).filter((key) => !SERVICE_KEYS.has(key))]).toEqual([name, []]);
  });

  test('has a command for every service and a value for every variable, and Docker accepts it (if installed)', () => {
    const compose = (...args: string[]) =>
      spawnSync('docker', ['compose', ...args], {
        cwd: inRoot(),
        env: { ...process.env, ...DOT_ENV },
        encoding: 'utf8',
      });
    // Checks that need no Docker: the file is YAML, every variable has a value, and every service has a command.
    for (const [name, service] of services) expect([name, Array.isArray(service.command)]).toEqual([name, true]);
    expect(JSON.stringify(file)).not.toMatch(/\$\{/);
    if (compose('version').status === 0) expect(compose('config', '--quiet').stderr).toBe('');
    else process.stderr.write('NOT CHECKED: Docker did not read docker-compose.yml: no `docker compose` here.\n');
  });

  test('gives each service only its own secrets, and every service a memory limit', () => {
    const SECRETS: Record<string, string[]> = {
      'sidecar-1': [
        'SIDECAR_SECRET',
        'REDIS_PASSWORD',
        'GOOGLE_GENERATIVE_AI_API_KEY',
        'OPENAI_COMPATIBLE_API_KEY',
        'REDIS_URL',
      ],
      app: ['SIDECAR_SECRET', 'SESSION_SECRET', 'CLERK_SECRET_KEY', 'CLERK_JWT_KEY'],
    };
    const all = [...new Set([...Object.values(SECRETS).flat(), 'GRAFANA_PASSWORD'])];
    for (const [name, own] of Object.entries(SECRETS)) {
      const { environment = {}, env_file } = file.services[name]!;
      expect(env_file).toBeDefined(); // The service gets all of .env, except what `environment` overrides with ''.
      expect(all.filter((secret) => environment[secret] !== '').sort()).toEqual([...own].sort());
    }
    for (const [name, { env_file }] of services)
      expect([name, env_file !== undefined]).toEqual([name, name === 'app' || name.startsWith('sidecar-')]);
    for (const [name, { mem_limit }] of services) expect([name, sizeBytes(mem_limit ?? '0') > 0]).toEqual([name, true]);
  });

  test('refuses to start Grafana without a password', () => {
    const [, , script] = file.services.grafana!.command;
    const { status, stderr } = spawnSync('sh', ['-c', script!], {
      env: { NODE_ENV: 'test', PATH: process.env.PATH },
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([78, 'Set GRAFANA_PASSWORD in .env\n']);
  });

  test.each(['SIDECAR_SECRET', 'SESSION_SECRET', 'REDIS_PASSWORD'])('says what to do if %s is missing', (name) => {
    expect(() => readComposeFile({ ...DOT_ENV, [name]: '' })).toThrow(`${name} is missing a value: set it in .env`);
  });

  test.each(services)(
    'runs %s without root, without capabilities, on a read-only file system, under a health check',
    (_, service) => {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], restart: 'unless-stopped' });
      expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
      expect(service.healthcheck!.test[0]).toMatch(/^CMD/);
      expect(durationMs(service.healthcheck!.timeout!)).toBeLessThan(durationMs(service.healthcheck!.interval!));
      // Built here, or an image of an exact version.
      expect(service.build ?? service.image).toMatch(/^\.$|:v?\d+\.\d+\.\d+(-\w+)?$/);
    },
  );

  test('starts each service only when the services that it needs are healthy', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on))
        expect([name, needed in file.services, condition]).toEqual([name, true, 'service_healthy']);
    }
    expect(Object.keys(file.services['sidecar-1']!.depends_on!)).toEqual(['redis']);
    expect(Object.keys(file.services.balancer!.depends_on!)).toEqual(['app', ...sidecars.map(([name]) => name)]);
  });

  test('mounts only files that exist, read-only, and declares every volume and network', () => {
    for (const [, { volumes = [], networks = [] }] of services) {
      for (const [source, , mode] of volumes.map((volume) => volume.split(':')) as [string, string, string?][]) {
        if (source.startsWith('.')) expect([source, existsSync(inRoot(source)), mode]).toEqual([source, true, 'ro']);
        else expect(Object.keys(file.volumes)).toContain(source);
      }
      for (const network of networks) expect(Object.keys(file.networks)).toContain(network);
    }
  });

  test('publishes only the load balancer and the monitoring, by default on loopback; only the sidecars reach Redis', () => {
    const open = services.filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name]) => name)).toEqual(['balancer', 'prometheus', 'grafana']);
    for (const [, { ports }] of open) expect(ports!.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    const store = services.filter(([, { networks }]) => networks?.includes('store')).map(([name]) => name);
    expect(store).toEqual([...sidecars.map(([name]) => name), 'redis']);
  });

  test('has two identical sidecars, and gives each the time to drain and hand over', () => {
    expect(sidecars).toHaveLength(2);
    expect(sidecars[0]![1]).toEqual(sidecars[1]![1]);
    const { stop_grace_period, environment } = sidecars[0]![1];
    const HANDOVER_MS = 8_000;
    expect(durationMs(stop_grace_period!)).toBeGreaterThan(Number(environment!.DRAIN_MS) + HANDOVER_MS);
  });

  test("keeps Redis's data on disk, never evicts it, and leaves memory for rewriting the append-only file", () => {
    const { command, mem_limit, volumes } = file.services.redis!;
    const flag = (name: string) => command[command.indexOf(name) + 1]!;
    expect([flag('--appendonly'), flag('--maxmemory-policy'), flag('--dir')]).toEqual(['yes', 'noeviction', '/data']);
    expect(sizeBytes(mem_limit!)).toBeGreaterThanOrEqual(2 * sizeBytes(flag('--maxmemory')));
    expect(volumes).toEqual(['redis-data:/data']);
  });
});

describe('the files around docker-compose.yml', () => {
  test('the image is built from the lock file, on a Node with all security fixes, and does not run as root', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]!);
    const version = /^node:(\d+\.\d+\.\d+)-bookworm-slim$/.exec(bases[0]!)?.[1] ?? '0.0.0';
    expect([version, isPatched(version)]).toEqual([version, true]);
    expect(new Set(bases.slice(1))).toEqual(new Set(['base']));
    expect(dockerfile).not.toMatch(/npm (install|i)\b/);
    expect([...dockerfile.matchAll(/npm ci/g)]).toHaveLength(2);
    expect(dockerfile.match(/^USER (\S+)$/m)?.[1]).toBe('node');
  });

  test('neither secrets nor local builds nor installed packages get into the image', () => {
    const ignored = readFileSync(inRoot('.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', '.data', '.git', 'node_modules', 'build']));
  });

  test('nginx and Prometheus know every sidecar', () => {
    const prometheus = readFileSync(inRoot('deploy/prometheus.yml'), 'utf8');
    for (const [name] of sidecars) {
      expect(nginxConf).toContain(`server ${name}:4000 resolve`);
      expect(prometheus).toContain(`'${name}:4000'`);
    }
  });
});

describe('a local stack with the commands, settings and nginx file of the services', { timeout: 60_000 }, () => {
  const CHARS = 20;
  let stack: LocalStack;
  let bearer: { authorization: string };
  const SIDECARS = ['sidecar-1', 'sidecar-2'];

  beforeAll(async () => {
    stack = await startLocalStack({ dotEnv: DOT_ENV });
    bearer = {
      authorization: `Bearer ${await token({ userId: 'alice', secret: DOT_ENV.SIDECAR_SECRET, expiresInSeconds: 600 })}`,
    };
  });
  afterAll(() => stack?.stop());

  async function start(modelId: string): Promise<{ streamId: string; resume: string }> {
    const body = JSON.stringify(startBody({ modelId }));
    const response = await fetch(`${stack.url}/api/stream/start`, { method: 'POST', headers: bearer, body });
    expect(response.status).toBe(201);
    const { streamId } = (await response.json()) as { streamId: string };
    return { streamId, resume: `${stack.url}/api/stream/resume/${streamId}` };
  }

  async function storedLog(streamId: string): Promise<Buffer> {
    const redis = createClient({ url: stack.redisUrl });
    await redis.connect();
    const log = await redis.get(`{stream:${streamId}}:log`);
    redis.destroy();
    return Buffer.from(log ?? '');
  }

  /** The sidecar whose log says that it started the stream. */
  const writerOf = (streamId: string): string | undefined =>
    SIDECARS.find((name) =>
      stack
        .service(name)
        .output.split('\n')
        .some((line) => line.includes('"stream.started"') && line.includes(streamId)),
    );

  test('passes the health checks of its services', async () => {
    for (const name of ['redis', ...SIDECARS, 'app'])
      expect([name, await until(() => stack.isHealthy(name), { signal: AbortSignal.timeout(5000) })]).toEqual([
        name,
        true,
      ]);
  });

  test('serves the home page', async () => {
    const response = await fetch(stack.url, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toContain('rejoin_guest=');
    expect(await response.text()).toContain('</html>');
  });

  test('resumes an answer through the load balancer, to the byte, after the sidecar that wrote it was killed', async () => {
    const { streamId, resume } = await start(`synthetic/400x${CHARS}@100`);
    const faithful = followToTheEnd(resume, { headers: bearer });
    const before = await follow(resume, { headers: bearer, leaveAfterBytes: 4000 });
    expect(before).toMatchObject({ end: 'left', isDone: false });

    const killed = writerOf(streamId)!;
    await stack.service(killed).kill('SIGKILL');
    const after = await followToTheEnd(resume, { headers: bearer, lastEventId: before.lastEventId });

    const received = Buffer.concat([before.frames, after]);
    const { text, status } = checkWholeLog(received); // also checks the SHA-256 in the log
    expect([status, countDeltas(text, CHARS)]).toEqual(['completed', 400]);
    expect(received.equals(await storedLog(streamId))).toBe(true);
    expect((await faithful).equals(received)).toBe(true);

    // As `restart: unless-stopped` would do.
    await stack.service(killed).restart();
    expect(await until(() => stack.isHealthy(killed), { signal: AbortSignal.timeout(5000) })).toBe(true);
  });

  test('lets both sidecars write, and cancels each answer, whichever sidecar gets the request', async () => {
    const started = await Promise.all([1, 2, 3, 4].map(() => start(`synthetic/20000x${CHARS}@50`)));
    expect(new Set(started.map(({ streamId }) => writerOf(streamId)))).toEqual(new Set(SIDECARS));
    for (const { streamId, resume } of started) {
      const reading = follow(resume, { headers: bearer });
      const cancel = await fetch(`${stack.url}/api/stream/cancel/${streamId}`, { method: 'DELETE', headers: bearer });
      expect(await cancel.json()).toMatchObject({ status: 'cancelled' });
      expect(await reading).toMatchObject({ end: 'clean', isDone: true });
    }
  });

  test('starts new answers while a sidecar stops, and that sidecar finishes its own answers and exits with 0', async () => {
    const { streamId, resume } = await start(`synthetic/100x${CHARS}@50`);
    const reading = followToTheEnd(resume, { headers: bearer });
    const stopped = stack.service(writerOf(streamId)!);
    const stopping = stopped.kill('SIGTERM');
    // The balancer sends every second request to the stopping sidecar first. The stopping sidecar refuses the request, so the
    // balancer sends it to the other sidecar.
    const others = await Promise.all([1, 2, 3, 4].map(() => start(`synthetic/2x${CHARS}@0`)));
    expect(stopped.isRunning).toBe(true);
    for (const other of others)
      expect(checkWholeLog(await followToTheEnd(other.resume, { headers: bearer })).status).toBe('completed');
    expect(countDeltas(checkWholeLog(await reading).text, CHARS)).toBe(100);
    await stopping;
    expect(await stopped.ended()).toBe(0);
    await stopped.restart();
  });

  test('tells guests apart by their own addresses behind a proxy that ends TLS', async () => {
    const proxy = await startTlsProxy(stack.url);
    try {
      /**
       * Starts an answer as a guest at the address `from`. Of `from` and the proxy's address 127.0.0.1, returns those that
       * have a count in Redis.
       */
      const countedFor = async (from: string) => {
        await proxy.ask('POST', '/api/stream/start', { from, body: startBody({ modelId: `synthetic/2x${CHARS}@0` }) });
        const redis = await createClient({ url: stack.redisUrl }).connect();
        const keys = await redis.keys('*address_streams:*');
        redis.destroy();
        return [from, '127.0.0.1'].filter((address) =>
          keys.some((key) => key.includes(addressKey(address, DOT_ENV.SESSION_SECRET))),
        );
      };
      expect(await countedFor('127.0.0.2')).toEqual(['127.0.0.1']);
      stack.trustProxyInFront();
      expect(
        await until(async () => (await countedFor('127.0.0.3')).includes('127.0.0.3'), {
          signal: AbortSignal.timeout(10_000),
        }),
      ).toBe(true);
      // An address that the client itself writes into X-Forwarded-For is ignored.
      const claimed = { from: '127.0.0.4', headers: { 'x-forwarded-for': '203.0.113.9' } };
      await proxy.ask('POST', '/api/stream/start', { ...claimed, body: startBody({ modelId: 'synthetic/2x20@0' }) });
      const redis = await createClient({ url: stack.redisUrl }).connect();
      const keys = (await redis.keys('*address_streams:*')).join();
      redis.destroy();
      expect(keys).toContain(addressKey('127.0.0.4', DOT_ENV.SESSION_SECRET));
      expect(keys).not.toContain(addressKey('203.0.113.9', DOT_ENV.SESSION_SECRET));
    } finally {
      await proxy.stop();
    }
  });
});

describe('a process of the stack', () => {
  const APP = [inRoot('app/process/serve.ts')];
  const SIDECAR = [inRoot('sidecar/main.ts')];
  const LOOPBACK: Env = { HOST: '127.0.0.1', NODE_ENV: 'production', REDIS_URL: '', SIDECAR_URL: '' };

  async function run(args: string[], env: Env) {
    const child = spawn(process.execPath, args, {
      cwd: tmpdir(), // a folder without .env
      env: { ...process.env, ...LOOPBACK, ...DOT_ENV, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 15_000,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said };
  }

  /** Starts a process, requests `path`, and kills the process. `isRunning`: whether the process still ran after the response. */
  async function answerOf(args: string[], { env, port, path }: { env: Env; port: number; path: string }) {
    const url = `http://127.0.0.1:${port}`;
    const child = await startProcess({
      name: args[0]!,
      command: process.execPath,
      args,
      cwd: tmpdir(),
      env: { ...LOOPBACK, ...DOT_ENV, ...env },
      ready: () => answersHttp(`${url}/healthz`),
    });
    const { status } = await fetch(url + path);
    const { isRunning } = child;
    await child.kill();
    return { status, isRunning };
  }

  test('exits with 78 if a setting is wrong, and names the setting', async () => {
    const [app, sidecar] = await Promise.all([
      run(APP, { SESSION_SECRET: 'short' }),
      run(SIDECAR, { LEASE_MS: 'soon' }),
    ]);
    expect(app).toMatchObject({ code: 78, said: expect.stringContaining('SESSION_SECRET') });
    expect(sidecar).toMatchObject({ code: 78, said: expect.stringContaining('LEASE_MS') });
  });

  test('exits with 1 if its port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const port = String((squatter.address() as AddressInfo).port);
    const [app, sidecar] = await Promise.all([run(APP, { PORT: port }), run(SIDECAR, { SIDECAR_PORT: port })]);
    squatter.close();
    expect([app.code, sidecar.code]).toEqual([1, 1]);
    expect(app.said + sidecar.said).toContain('EADDRINUSE');
  });

  test('keeps running, but is not ready, while a service that it needs cannot be reached', async () => {
    const [nobody, appPort, sidecarPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const [app, sidecar] = await Promise.all([
      answerOf(APP, {
        env: { PORT: String(appPort), SIDECAR_URL: `http://127.0.0.1:${nobody}` },
        port: appPort,
        path: '/readyz',
      }),
      answerOf(SIDECAR, {
        env: { SIDECAR_PORT: String(sidecarPort), REDIS_URL: `redis://127.0.0.1:${nobody}` },
        port: sidecarPort,
        path: '/readyz',
      }),
    ]);
    expect(app).toEqual({ status: 502, isRunning: true });
    expect(sidecar).toEqual({ status: 503, isRunning: true });
  });
});
