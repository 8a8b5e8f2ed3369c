import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { installedBrowsers } from './installed-browsers.ts';
import { installedNginx } from './installed-nginx.ts';
import { installedRedis } from '../redis/installed.ts';
import { isNewEnough, OLDEST_REDIS } from '../../sidecar/store/redis/diagnose/redis-version.ts';
import { StartError } from '../shared/start-error.ts';
import { which } from '../shared/which.ts';
import { announceInstall, planInstall, type Machine } from './plan-install.ts';

/** Installs the programs that the tests need and this machine lacks. Resolves to true if a program was missing. */
export async function installTestTools({ signal }: { signal: AbortSignal }): Promise<boolean> {
  const machine = await inspectMachine();
  const announcement = announceInstall(machine);
  if (announcement) process.stdout.write(`${announcement}\n`);
  const lacksOnlyShell = planInstall({ ...machine, hasHeadlessShell: true }).length === 0;
  for (const [program, ...args] of planInstall(machine)) {
    process.stdout.write(`$ ${program} ${args.join(' ')}\n`);
    const code = await run(program, args, signal);
    if (signal.aborted) return true;
    if (code === 0) continue;
    if (!lacksOnlyShell) throw new StartError(`\`${program} ${args.join(' ')}\` failed, see above.`);
    process.stdout.write('Without the headless shell, the tests use the whole browser. They take a minute longer.\n');
    break;
  }
  const redis = installedRedis();
  if (redis && !isNewEnough(redis.version)) {
    throw new StartError(`The tests need redis-server ${OLDEST_REDIS} or newer; ${redis.command} is ${redis.version}.`);
  }
  return announcement !== null;
}

async function inspectMachine(): Promise<Machine> {
  const isRoot = process.getuid?.() === 0;
  const hasSudo = which('sudo') !== null;
  const { shell, whole } = installedBrowsers();
  return {
    system: which('apt-get') ? debianOrUbuntu() : 'other',
    isRoot,
    hasSudo,
    hasRedis: installedRedis() !== null,
    hasNginx: installedNginx() !== null,
    hasPromtool: which('promtool') !== null,
    hasSystemd: existsSync('/run/systemd/system'),
    hasPython: which('python3') !== null,
    hasBrowser: whole !== undefined || (await hasPlaywrightsBrowser()),
    // The shell is optional. Where this process cannot install it, nobody should be asked to do so, so it counts as installed.
    hasHeadlessShell: shell !== whole || Boolean(process.env.CHROMIUM_PATH) || !(isRoot || hasSudo),
  };
}

function debianOrUbuntu(): Machine['system'] {
  if (!existsSync('/etc/os-release')) return 'other';
  return parseEnv(readFileSync('/etc/os-release', 'utf8')).ID === 'ubuntu' ? 'ubuntu' : 'debian';
}

async function hasPlaywrightsBrowser(): Promise<boolean> {
  const { chromium } = await import('@playwright/test');
  return existsSync(chromium.executablePath());
}

function run(program: string, args: string[], signal: AbortSignal): Promise<number | null> {
  return new Promise((resolve) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const child = spawn(program, args, { stdio: 'inherit', env, signal });
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
}
