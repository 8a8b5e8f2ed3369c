import { inRoot } from '../shared/paths.ts';
import { StartError } from '../shared/start-error.ts';

/** Which of the programs that the tests need are installed on this machine, and how the machine can install the others. */
export interface Machine {
  /**
   * `debian`: systems with apt, except Ubuntu. Ubuntu's chromium package is a snap, which does not run everywhere.
   */
  system: 'debian' | 'ubuntu' | 'other';
  isRoot: boolean;
  hasSudo: boolean;
  hasRedis: boolean;
  hasNginx: boolean;
  /** promtool, a part of Prometheus, checks alert rules and queries. */
  hasPromtool: boolean;
  /** systemd starts the services of newly installed packages. */
  hasSystemd: boolean;
  /** For docs/examples/client.py. */
  hasPython: boolean;
  hasBrowser: boolean;
  /** The headless shell is optional: without it, the tests use the whole browser. */
  hasHeadlessShell: boolean;
}

/** Debian's packages that have another name in Homebrew. */
const BREW_NAMES = new Map([
  ['redis-server', 'redis'],
  ['nginx-light', 'nginx'],
  ['python3', 'python'],
]);

type Command = [program: string, ...args: string[]];

const DISABLE_PROMETHEUS: Command = ['systemctl', 'disable', '--now', 'prometheus'];

/** Debian's names of the packages that this machine lacks. */
function missingPackages({
  system,
  hasRedis,
  hasNginx,
  hasPromtool,
  hasPython,
  hasBrowser,
  hasHeadlessShell,
}: Machine): string[] {
  const packages: string[] = [];
  if (!hasRedis) packages.push('redis-server');
  if (!hasNginx) packages.push('nginx-light');
  if (!hasPromtool) packages.push('prometheus');
  if (!hasPython) packages.push('python3');
  if (!hasBrowser && system === 'debian') packages.push('chromium');
  if (!hasHeadlessShell && system === 'debian') packages.push('chromium-headless-shell');
  return packages;
}

/** The text that is printed before programs are installed, or `null` if no program is missing. */
export function announceInstall(machine: Machine): string | null {
  const commands = planInstall(machine);
  if (commands.length === 0) return null;
  const packages = missingPackages(machine);
  const how = machine.isRoot ? 'with apt' : 'with sudo and apt, which may ask for your password';
  const parts = [
    ...(packages.length > 0 ? [`${packages.join(', ')} (${how})`] : []),
    ...(!machine.hasBrowser && machine.system !== 'debian' ? ["Playwright's Chromium"] : []),
  ];
  return (
    `The tests need programs that this machine lacks. Installing ${parts.join(' and ')}. ` +
    '`npm run setup` installs them without running the tests.'
  );
}

/**
 * The commands that install the missing programs, in order; empty if none is missing. Throws if only a person can
 * install them.
 */
export function planInstall(machine: Machine): Command[] {
  const { system, isRoot, hasSudo, hasPromtool, hasSystemd, hasBrowser } = machine;
  const packages = missingPackages(machine);
  const commands: Command[] = [];
  if (packages.length > 0 && (system === 'other' || !(isRoot || hasSudo))) {
    const names = packages.map((name) => BREW_NAMES.get(name) ?? name);
    const how =
      system === 'other'
        ? `for example \`brew install ${names.join(' ')}\``
        : `\`apt-get install ${packages.join(' ')}\` as root`;
    throw new StartError(`The tests need ${packages.join(' and ')}: please install that (${how}), then try again.`);
  }
  if (packages.length > 0) {
    const aptGet: Command = isRoot ? ['apt-get'] : ['sudo', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
    commands.push(
      [...aptGet, 'update', '-q'],
      [...aptGet, 'install', '-q', '-y', '--no-install-recommends', ...packages],
    );
    // The tests need only promtool from the prometheus package, not the server.
    if (!hasPromtool && hasSystemd) commands.push(isRoot ? DISABLE_PROMETHEUS : ['sudo', ...DISABLE_PROMETHEUS]);
  }
  if (!hasBrowser && system !== 'debian') {
    const withLibraries = system === 'ubuntu' && (isRoot || hasSudo) ? ['--with-deps'] : [];
    const playwright = inRoot('node_modules/@playwright/test/cli.js');
    commands.push([process.execPath, playwright, 'install', ...withLibraries, 'chromium']);
  }
  return commands;
}
