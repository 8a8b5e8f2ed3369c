import { expect, test } from 'vitest';
import { announceInstall, planInstall, type Machine } from './plan-install.ts';

const COMPLETE: Machine = {
  system: 'debian',
  isRoot: true,
  hasSudo: false,
  hasRedis: true,
  hasNginx: true,
  hasPromtool: true,
  hasSystemd: false,
  hasPython: true,
  hasBrowser: true,
  hasHeadlessShell: true,
};

const plan = (machine: Partial<Machine>) =>
  planInstall({ ...COMPLETE, ...machine }).map((command) => command.join(' '));

test('nothing is done if nothing is missing', () => {
  expect(plan({})).toEqual([]);
  expect(plan({ system: 'other', isRoot: false })).toEqual([]);
});

test('on Debian, apt installs everything, after an update of its list of packages', () => {
  expect(plan({ hasRedis: false, hasNginx: false, hasPython: false, hasBrowser: false })).toEqual([
    'apt-get update -q',
    'apt-get install -q -y --no-install-recommends redis-server nginx-light python3 chromium',
  ]);
});

test('a missing headless shell is installed only on Debian', () => {
  expect(plan({ hasHeadlessShell: false }).at(-1)).toMatch(/ chromium-headless-shell$/);
  expect(plan({ system: 'other', hasHeadlessShell: false })).toEqual([]);
});

test('Prometheus is installed only for promtool, so its service is disabled on a machine with systemd', () => {
  expect(plan({ hasPromtool: false })).toEqual([
    'apt-get update -q',
    'apt-get install -q -y --no-install-recommends prometheus',
  ]);
  expect(plan({ hasPromtool: false, hasSystemd: true }).at(-1)).toBe('systemctl disable --now prometheus');
  expect(plan({ hasPromtool: false, hasSystemd: true, isRoot: false, hasSudo: true }).at(-1)).toBe(
    'sudo systemctl disable --now prometheus',
  );
});

test('without root, sudo is used', () => {
  expect(plan({ hasRedis: false, isRoot: false, hasSudo: true })).toEqual([
    'sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q',
    'sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends redis-server',
  ]);
});

test('with neither root nor sudo, the error says what to install', () => {
  expect(() => plan({ hasRedis: false, isRoot: false })).toThrow('apt-get install redis-server');
});

test("on Ubuntu the browser is Playwright's, with the libraries it needs", () => {
  const commands = plan({ system: 'ubuntu', hasRedis: false, hasBrowser: false });
  expect(commands).toHaveLength(3);
  expect(commands[1]).toContain('install -q -y --no-install-recommends redis-server');
  expect(commands[2]).toMatch(/cli\.js install --with-deps chromium$/);
});

test("on other systems the browser is Playwright's, and a person has to install a missing Redis or nginx", () => {
  expect(plan({ system: 'other', hasBrowser: false })).toEqual([expect.stringMatching(/cli\.js install chromium$/)]);
  expect(() => plan({ system: 'other', hasRedis: false })).toThrow('brew install redis`');
  expect(() => plan({ system: 'other', hasRedis: false, hasNginx: false })).toThrow('brew install redis nginx`');
});

test('the announcement names the missing programs and how they are installed', () => {
  expect(announceInstall(COMPLETE)).toBeNull();
  expect(announceInstall({ ...COMPLETE, hasRedis: false, hasNginx: false, isRoot: false, hasSudo: true })).toBe(
    'The tests need programs that this machine lacks. Installing redis-server, nginx-light (with sudo and apt, which ' +
      'may ask for your password). `npm run setup` installs them without running the tests.',
  );
  expect(announceInstall({ ...COMPLETE, hasRedis: false })).toContain('redis-server (with apt)');
  expect(announceInstall({ ...COMPLETE, system: 'ubuntu', hasBrowser: false })).toContain("Playwright's Chromium");
});
