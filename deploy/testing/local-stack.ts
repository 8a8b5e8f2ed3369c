import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installedNginx } from '../../scripts/test/installed-nginx.ts';
import { inRoot } from '../../scripts/shared/paths.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { probeRedis } from '../../scripts/redis/probe.ts';
import type { Env } from '../../scripts/shared/settings.ts';
import { startProcess, type TestProcess } from '../../testing/process.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';
import { readComposeFile, type ComposeService } from './compose-file.ts';

export interface LocalStack {
  /** The URL of the published port of the load balancer. */
  url: string;
  redisUrl: string;
  service(name: string): TestProcess;
  /** The local URL of an address in the stack, for example of `sidecar-1:4000`. */
  urlOf(address: string): string;
  /** Makes the balancer trust a proxy on this machine: adds deploy/real-ip.conf with the proxy's address, and reloads nginx. */
  trustProxyInFront(): void;
  /** Runs the service's health check like Docker: true if its command exits with 0. */
  isHealthy(name: string): Promise<boolean>;
  stop(): Promise<void>;
}

const ADDRESSES = ['redis:6379', 'sidecar-1:4000', 'sidecar-2:4000', 'app:3000', 'balancer:4000', 'balancer:8080'];

/**
 * Starts the services of the compose file without Docker. The commands, the environment and the nginx configuration are those of
 * the compose file, except for folders and addresses: each service listens on a free port of the loopback interface. The working
 * folder of the sidecars and the app has the content of the image. `dotEnv`: the settings that an operator would write into `.env`.
 */
export async function startLocalStack({ dotEnv }: { dotEnv: Env }): Promise<LocalStack> {
  const { services } = readComposeFile(dotEnv);
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-compose-'));
  chmodSync(dir, 0o755); // If root starts nginx, the workers of nginx run as another user, who must be able to enter this folder.
  const ports = new Map<string, number>();
  for (const address of ADDRESSES) ports.set(address, await freePort());
  const image = layOutImage(join(dir, 'image'));
  const running = new Map<string, TestProcess>();
  const stop = async () => {
    await Promise.all([...running.values()].map((child) => child.stop()));
    rmSync(dir, { recursive: true, force: true });
  };

  const localPort = (name: string, port: string | number) => ports.get(`${name}:${port}`)!;
  const urlOf = (address: string) => `http://127.0.0.1:${ports.get(address)}`;

  /** Replaces the addresses of the stack in a setting or argument by local ones. */
  function localized(name: string, text: string): string {
    let local = text.replaceAll('0.0.0.0', '127.0.0.1').replaceAll(/127\.0\.0\.1:(\d+)/g, (whole, port: string) => {
      const here = localPort(name, port);
      return here === undefined ? whole : `127.0.0.1:${here}`;
    });
    for (const [address, port] of ports) local = local.replaceAll(address, `127.0.0.1:${port}`);
    return local;
  }

  function environmentOf(name: string, { env_file, environment = {} }: ComposeService): Env {
    const stated = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, localized(name, value)]));
    if (stated.REDIS_HOST === 'redis') {
      stated.REDIS_HOST = '127.0.0.1';
      stated.REDIS_PORT = String(localPort('redis', 6379));
    }
    for (const key of ['PORT', 'SIDECAR_PORT'])
      if (stated[key] !== undefined) stated[key] = String(localPort(name, stated[key]));
    return { ...image.env, ...(env_file ? dotEnv : {}), ...stated };
  }

  async function start(name: string, ready: () => Promise<boolean>): Promise<void> {
    const service = services[name]!;
    const [command, ...args] = service.command.map((part) => localized(name, part));
    const local = localCommand(name, { command: command!, args });
    const child = await startProcess({
      name,
      ...local,
      cwd: service.build === undefined ? dir : image.dir,
      env: { ...withoutInherited(), ...environmentOf(name, service) },
      ready,
    });
    running.set(name, child);
  }

  function localCommand(name: string, { command, args }: { command: string; args: string[] }) {
    switch (command) {
      case 'node':
        return { command: process.execPath, args };
      case 'redis-server':
        return { command, args: [...args.map(inTemp), '--port', String(localPort(name, 6379)), '--bind', '127.0.0.1'] };
      case 'nginx':
        return { command: requireNginx(), args: args.map((arg) => (arg.endsWith('.conf') ? nginxConfig() : arg)) };
      default:
        throw new Error(`no local stand-in for ${command}`);
    }
  }

  const inTemp = (arg: string) => (arg === '/data' ? makeDir(join(dir, 'data')) : arg);

  const nginxDir = join(dir, 'nginx');

  function nginxConfig(): string {
    const folder = makeDir(nginxDir);
    const text = readFileSync(inRoot('deploy/nginx.conf'), 'utf8')
      // `resolve` makes nginx look up a name. Here an IP address replaces the name, so `resolve` is removed, too.
      .replaceAll(
        /server ([\w-]+):(\d+) resolve/g,
        (_, name: string, port) => `server 127.0.0.1:${localPort(name, port)}`,
      )
      .replaceAll(/listen (\d+);/g, (_, port: string) => `listen 127.0.0.1:${localPort('balancer', port)};`)
      .replaceAll(/\/tmp\/|\/etc\/nginx\//g, `${folder}/`);
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, text);
    return file;
  }

  try {
    await start('redis', async () => (await probeRedis({ port: localPort('redis', 6379) })).kind !== 'silent');
    await allStarted([
      start('sidecar-1', () => answersHttp(`${urlOf('sidecar-1:4000')}/healthz`)),
      start('sidecar-2', () => answersHttp(`${urlOf('sidecar-2:4000')}/healthz`)),
      start('app', () => answersHttp(`${urlOf('app:3000')}/healthz`)),
    ]);
    await start('balancer', () => answersHttp(`${urlOf('balancer:8080')}/healthz`));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    url: urlOf('balancer:8080'),
    redisUrl: `redis://:${dotEnv.REDIS_PASSWORD}@127.0.0.1:${localPort('redis', 6379)}`,
    service: (name) => running.get(name)!,
    urlOf,
    trustProxyInFront() {
      const text = readFileSync(inRoot('deploy/real-ip.conf'), 'utf8');
      // Here the proxy is on the loopback interface, not in Docker's bridge network.
      writeFileSync(join(nginxDir, 'real-ip.conf'), text.replace('172.16.0.0/12', '127.0.0.1'));
      process.kill(running.get('balancer')!.pid, 'SIGHUP');
    },
    async isHealthy(name) {
      const [kind, ...test] = services[name]!.healthcheck!.test;
      const words = test.map((part) => localized(name, part));
      // In its container, Redis listens on the default port of redis-cli. Here, Redis listens on another port.
      const line = words.join(' ').replace('redis-cli', `redis-cli -p ${localPort('redis', 6379)}`);
      const [command, ...args] = kind === 'CMD-SHELL' ? ['sh', '-c', line] : words;
      return (
        spawnSync(command === 'node' ? process.execPath : command!, args, {
          cwd: image.dir,
          env: { ...process.env, ...environmentOf(name, services[name]!) },
        }).status === 0
      );
    },
    stop,
  };
}

/** Rejects like `Promise.all`, but only after all promises are settled, so that every started process can be stopped. */
async function allStarted(starting: Promise<void>[]): Promise<void> {
  await Promise.allSettled(starting);
  await Promise.all(starting);
}

/**
 * Copies into `dir` the files that the last stage of the Dockerfile copies; node_modules is a link to the repository's. The
 * result also contains `env`, the variables that this stage sets.
 */
function layOutImage(dir: string): { dir: string; env: Env } {
  const stage = readFileSync(inRoot('Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .at(-1)!;
  const isLeftOut = (path: string) => /\.test\.tsx?$|\/testing$/.test(path);
  for (const [, from, to] of stage.matchAll(/^COPY (?:--from=\w+ )?(\S+) (\S+)$/gm)) {
    const source = from!.replace(/^\/app\//, '');
    const target = join(dir, to === './' ? source : to!);
    mkdirSync(dirname(target), { recursive: true });
    if (source === 'node_modules') symlinkSync(inRoot(source), target);
    else cpSync(inRoot(source), target, { recursive: true, filter: (path) => !isLeftOut(path) });
  }
  return {
    dir,
    env: Object.fromEntries([...stage.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, key, value]) => [key!, value])),
  };
}

/** Removes settings of this machine that a container would not have. */
const withoutInherited = (): Env =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => !['PATH', 'HOME', 'TMPDIR', 'LANG'].includes(name))
      .map((name) => [name, undefined]),
  );

function makeDir(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

function requireNginx(): string {
  const nginx = installedNginx();
  if (nginx === null) throw new Error('The tests need nginx: `apt-get install nginx-light`, or `brew install nginx`.');
  return nginx;
}
