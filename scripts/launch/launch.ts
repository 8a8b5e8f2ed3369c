import { styleText } from 'node:util';
import { unpatchedNode } from '../shared/unpatched-node.ts';
import { makeAdminLink } from './admin-link.ts';
import { buildApp } from './build-app.ts';
import { dataDir, inRoot } from '../shared/paths.ts';
import { guestSettings } from './guests.ts';
import { freePort, isFreePort, portSetting, requireFreePort } from './ports.ts';
import { createPrinter } from './printer.ts';
import { findRedis, type RedisChoice } from '../redis/find.ts';
import { installedRedis } from '../redis/installed.ts';
import { findLeftBehind } from '../redis/left-behind.ts';
import { probeRedis } from '../redis/probe.ts';
import { redisService } from '../redis/service.ts';
import { configuredSecret, secret } from './secrets.ts';
import { appService, httpAddress, sidecarService } from './services.ts';
import { requireGoodSettings } from '../shared/check-settings.ts';
import { loadSettings, type Env } from '../shared/settings.ts';
import { StartError } from '../shared/start-error.ts';
import { readiness, until } from '../shared/wait.ts';
import { watchStopRequests } from './stop-requests.ts';
import { createSupervisor } from './supervisor.ts';

export interface LaunchOptions {
  /** `app`: the app, and a sidecar unless SIDECAR_URL names one. `sidecar`: the sidecar alone. */
  what: 'app' | 'sidecar';
  isWatching?: boolean;
}

/** Starts all services and keeps them running until this process is asked to stop. Resolves to the exit code. */
export async function launch({ what, isWatching = false }: LaunchOptions): Promise<number> {
  const requests = watchStopRequests();
  const { stop, hurry } = requests;
  try {
    const settings = loadSettings({ envFile: inRoot('.env'), env: process.env });
    const print = createPrinter({ settings, isTerminal: process.stdout.isTTY });
    const say = (line: string) => print(null, line);
    requireGoodSettings(settings, { withApp: what === 'app' });
    const plan = await makePlan({ what, settings });
    const oldNode = unpatchedNode(process.version);
    if (oldNode) say(`${oldNode.found}. ${oldNode.advice}`);

    if (plan.app && !isWatching) await buildApp({ signal: stop });
    if (stop.aborted) return 0;

    const supervisor = createSupervisor({ stop, hurry, print });
    const env: Env = { NODE_ENV: isWatching ? 'development' : 'production', ...settings, ...plan.secrets };
    const starting: Promise<boolean>[] = [];
    let link: string | null = null;

    if (plan.sidecar) {
      const redis = await chooseRedis(settings);
      for (const line of describe(redis)) say(line);
      const { command, port } = redis.kind === 'own' ? redis : {};
      if (command && port && !(await supervisor.run(redisService({ command, port, dir: redisDir, env })))) {
        return await supervisor.ended;
      }
      const guests = plan.app ? guestSettings({ ...env, HOST: plan.app.host }) : {};
      const sidecarEnv = { DRAIN_MS: plan.app ? '0' : '20000', ...env, ...guests, ...redisSettings(redis, settings) };
      starting.push(supervisor.run(sidecarService({ env: sidecarEnv, isWatching, ...plan.sidecar })));
    }
    if (plan.app) {
      const appEnv: Env = {
        FIRST_GUEST_FILE: inRoot('.data/first-guest'),
        ...env,
        SIDECAR_URL: settings.SIDECAR_URL ?? addressOf(plan.sidecar!),
      };
      link = makeAdminLink({ ...appEnv, HOST: plan.app.host, PORT: String(plan.app.port) });
      starting.push(supervisor.run(appService({ env: appEnv, isWatching, ...plan.app })));
    }
    const over = new AbortController();
    const ended = supervisor.ended.finally(() => over.abort());
    if ((await Promise.all(starting)).every(Boolean))
      await greet({ plan, link, url: settings.SIDECAR_URL, say, stop: AbortSignal.any([stop, over.signal]) });
    return await ended;
  } finally {
    requests.release();
  }
}

interface Address {
  host: string;
  port: number;
}

interface Plan {
  app: Address | null;
  sidecar: Address | null;
  secrets: Env;
}

/** Decides what to start and where. Throws if a setting is wrong, or if another program uses a port. */
async function makePlan({ what, settings }: { what: LaunchOptions['what']; settings: Env }): Promise<Plan> {
  const host = settings.HOST ?? '127.0.0.1';
  const withApp = what === 'app';
  const app = withApp ? { host, port: portSetting('PORT', { settings, fallback: 3000 }) } : null;
  const sidecar =
    withApp && settings.SIDECAR_URL
      ? null
      : {
          // HOST may open the app to the network. The sidecar behind the app listens on this machine only.
          host: withApp ? '127.0.0.1' : host,
          port: portSetting('SIDECAR_PORT', { settings, fallback: 4000 }),
        };
  if (!sidecar) configuredSecret('SIDECAR_SECRET', { settings, dataDir });
  if (app?.port === sidecar?.port) {
    throw new StartError(`PORT and SIDECAR_PORT are both ${app?.port}. Set one of them to another port.`);
  }
  if (app) await requireFreePort({ name: 'PORT', ...app });
  if (sidecar) await requireFreePort({ name: 'SIDECAR_PORT', ...sidecar });
  const secrets = { SIDECAR_SECRET: secret('SIDECAR_SECRET', { settings, dataDir }) };
  if (!app) return { app, sidecar, secrets };
  return { app, sidecar, secrets: { ...secrets, SESSION_SECRET: secret('SESSION_SECRET', { settings, dataDir }) } };
}

const redisDir = inRoot('.data/redis');

const chooseRedis = (settings: Env): Promise<RedisChoice> =>
  findRedis({
    settings,
    probe: (port) => probeRedis({ port }),
    installed: installedRedis,
    isFree: (port) => isFreePort('127.0.0.1', port),
    freePort,
    leftBehind: () => findLeftBehind(redisDir),
  });

function redisSettings(redis: RedisChoice, settings: Env): Env {
  switch (redis.kind) {
    case 'configured':
      return settings.REDIS_URL ? {} : { REDIS_HOST: settings.REDIS_HOST ?? '127.0.0.1' };
    case 'running':
    case 'own':
      return { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    case 'memory':
      return {};
  }
}

function describe(redis: RedisChoice): string[] {
  const note = redis.note ? [redis.note] : [];
  switch (redis.kind) {
    case 'configured':
      return note;
    case 'running':
      return [...note, `Redis: the one that runs on 127.0.0.1:${redis.port}`];
    case 'own':
      return [...note, `Redis: a server of our own on 127.0.0.1:${redis.port}, data in .data/redis`];
    case 'memory':
      return [
        ...note,
        'No Redis found: answers are kept in memory and are lost when Rejoin stops. To keep them: ' +
          '`sudo apt-get install redis-server` (macOS: `brew install redis`), then start again.',
      ];
  }
}

const addressOf = ({ host, port }: Address) => httpAddress(host, port);

/** If the sidecar is not ready after this time, the greeting says so. */
const READY_WITHIN_MS = 1_500;

interface GreetOptions {
  plan: Plan;
  /** The path of the administrator's one-time link; `null` if there is none. */
  link: string | null;
  /** The URL of a sidecar that runs elsewhere. */
  url: string | undefined;
  say: (line: string) => void;
  stop: AbortSignal;
}

/**
 * Prints the address when the sidecar is ready. If the sidecar is not ready after {@link READY_WITHIN_MS}, prints the address and the
 * reason, and prints the address again when the sidecar is ready.
 */
async function greet({ plan: { app, sidecar }, link, url, say, stop }: GreetOptions): Promise<void> {
  const where = addressOf((app ?? sidecar)!);
  const address = styleText(['bold', 'cyan'], where);
  const name = app ? 'Rejoin' : 'The sidecar';
  const once =
    link === null ? '' : `  The first browser that opens this link becomes the administrator: ${where}${link}\n`;
  const readyUrl = `${url ?? addressOf(sidecar!)}/readyz`;
  const isReady = async () => (await readiness(readyUrl)).isReady;
  const soon = AbortSignal.any([stop, AbortSignal.timeout(READY_WITHIN_MS)]);
  const isReadySoon = await until(isReady, { signal: soon, everyMs: 100 });
  if (!isReadySoon && !stop.aborted) {
    const { reason } = await readiness(readyUrl);
    say(`\n  ${name} runs at ${address}, but is not ready: ${reason}\n${once}`);
    await until(isReady, { signal: stop, everyMs: 500 });
  }
  if (!stop.aborted)
    say(`\n  ${name} is ready at ${address}${app ? '   (Ctrl-C stops it)' : ''}\n${isReadySoon ? once : ''}`);
}
