import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { isLoopback, parseConfig, type Config as AppConfig } from '../../app/process/config.server.ts';
import { readConfig, type Config as SidecarConfig } from '../../sidecar/config.ts';
import { describeAddress } from '../../sidecar/store/redis/redis-address.ts';
import { findLeftBehind } from '../redis/left-behind.ts';
import { installedRedis } from '../redis/installed.ts';
import { probeRedis } from '../redis/probe.ts';
import { httpAddress } from '../launch/services.ts';
import { settingLine, type SettingProblem } from '../../shared/settings.ts';
import { tryParse, withStartDefaults } from '../shared/check-settings.ts';
import { isPatched } from '../bootstrap/node-version.mjs';
import type { Env } from '../shared/settings.ts';
import { unpatchedNode } from '../shared/unpatched-node.ts';
import { sidecarUrl } from '../streams/sidecar-client.ts';
import type { Finding } from './finding.ts';
import { examineModels } from './models.ts';
import { examineRedis } from './redis.ts';
import { examineCut, examineService, examineSidecarSecret } from './services.ts';

export interface Patient {
  settings: Env;
  /** The folder in which `npm start` keeps the secrets that it generates, and the data of a Redis that it starts. */
  dataDir: string;
}

/**
 * Checks everything that Rejoin needs, one thing after the other. Each result is reported before the next check. Changes nothing.
 */
export async function* examine({ settings, dataDir }: Patient): AsyncGenerator<Finding, void, void> {
  const secret = settings.SIDECAR_SECRET ?? kept(join(dataDir, 'sidecar-secret'));
  const whole = withStartDefaults({ ...settings, ...(secret !== null && { SIDECAR_SECRET: secret }) });
  const sidecar = tryParse(() => readConfig(whole));
  const app = tryParse(() => parseConfig(whole));
  const url = sidecarUrl(settings);
  yield node();
  const failures = [sidecar, app].flatMap(({ problems }) => problems.map(wrongSetting));
  yield* new Map(failures.map((failure) => [failure.found, failure])).values();
  yield* await redis(sidecar.config, { dataDir, isElsewhere: settings.SIDECAR_URL !== undefined });
  if (sidecar.config) yield* await examineModels(sidecar.config.models);
  if (app.config) yield people(app.config);
  if (sidecar.config)
    yield await examineService({
      subject: 'Sidecar',
      setting: settings.SIDECAR_URL ? 'SIDECAR_URL' : 'SIDECAR_PORT',
      url,
      listen: settings.SIDECAR_URL ? null : { host: '127.0.0.1', port: sidecar.config.port },
    });
  if (secret !== null) yield* await examineSidecarSecret({ url, secret });
  yield* await examineCut(url);
  if (app.config)
    yield await examineService({
      subject: 'App',
      setting: 'PORT',
      url: httpAddress(app.config.host, app.config.port),
      listen: { host: app.config.host, port: app.config.port },
    });
}

function kept(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null; // nothing was started here yet
  }
}

function node(): Finding {
  const { version } = process;
  const old = unpatchedNode(version);
  if (old) return { level: 'warn', subject: 'Node', ...old };
  const tested = packageJson.devDependencies.node;
  if (version === `v${tested}`) return { level: 'ok', subject: 'Node', found: version };
  // The pinned Node lacks a security fix, so `scripts/bootstrap/find-node.mjs` has chosen a patched Node of the machine.
  if (!isPatched(tested)) return { level: 'ok', subject: 'Node', found: `${version}, this machine's own` };
  const advice = '`npm ci` installs that one.';
  return { level: 'warn', subject: 'Node', found: `${version}; v${tested} is the tested one`, advice };
}

const wrongSetting = (problem: SettingProblem): Finding => ({
  level: 'fail',
  subject: 'Settings',
  found: settingLine(problem),
  advice: 'See .env.example.',
});

/** `isElsewhere`: SIDECAR_URL is set, so the sidecar may be on another machine. Then a Redis is checked only if the settings name one. */
async function redis(
  config: SidecarConfig | null,
  { dataDir, isElsewhere }: { dataDir: string; isElsewhere: boolean },
): Promise<Finding[]> {
  if (config === null) return [];
  if (config.redis) return examineRedis(config.redis, describeAddress(config.redis));
  if (isElsewhere) return [];
  // Searches in the same order as `npm start`.
  const port = (await findLeftBehind(join(dataDir, 'redis')))?.port ?? 6379;
  if ((await probeRedis({ port })).kind !== 'silent')
    return examineRedis({ url: `redis://127.0.0.1:${port}` }, `127.0.0.1:${port}`);
  const server = installedRedis();
  if (server)
    return [{ level: 'note', subject: 'Redis', found: `does not run; \`npm start\` starts ${server.command}` }];
  const advice = '`sudo apt-get install redis-server` (macOS: `brew install redis`), or set REDIS_URL.';
  return [
    {
      level: 'warn',
      subject: 'Redis',
      found: 'none: answers are kept in memory and are lost when the process exits',
      advice,
    },
  ];
}

function people({ clerk, guestsFromAnywhere, host }: AppConfig): Finding {
  const subject = 'Signing in';
  if (clerk?.jwtKey) return { level: 'ok', subject, found: `by Clerk, ${clerk.issuer}` };
  if (clerk)
    return {
      level: 'note',
      subject,
      found: `by Clerk, ${clerk.issuer}, which is asked for its public key`,
      advice: 'Set CLERK_JWT_KEY to verify sessions without asking Clerk.',
    };
  const advice = "For accounts set Clerk's keys: CLERK_PUBLISHABLE_KEY and CLERK_SECRET_KEY.";
  if (guestsFromAnywhere && !isLoopback(host))
    return { level: 'warn', subject, found: 'not required: everyone who reaches this machine is a guest', advice };
  return { level: 'note', subject, found: 'not required: everybody is a guest', advice };
}
