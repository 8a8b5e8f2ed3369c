import { spawn } from 'node:child_process';
import { readFileSync, rmSync, mkdtempSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive } from '../bootstrap/watch-parent.mjs';
import { createSupervisor, type Service } from './supervisor.ts';
import { inRoot } from '../shared/paths.ts';
import { until } from '../shared/wait.ts';

let dir: string;
let stop: AbortController;
let hurry: AbortController;
let lines: string[];
const started: { ended: Promise<number> }[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rejoin-supervisor-'));
  stop = new AbortController();
  hurry = new AbortController();
  lines = [];
});
afterEach(async () => {
  stop.abort();
  hurry.abort();
  await Promise.all(started.splice(0).map(({ ended }) => ended));
  rmSync(dir, { recursive: true });
});

function supervise() {
  const print = (name: string | null, line: string) => void lines.push(name ? `${name}: ${line}` : line);
  const supervisor = createSupervisor({ stop: stop.signal, hurry: hurry.signal, print });
  started.push(supervisor);
  return supervisor;
}

/** A service that runs `script`, and then writes its process id to the file `<name>.pid`, which means that it is ready. */
function service(name: string, script: string, changes: Partial<Service> = {}): Service {
  const file = join(dir, `${name}.pid`);
  const code = `${script}; require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
  return {
    name,
    command: process.execPath,
    args: ['-e', code],
    env: process.env,
    ready: async () => existsSync(file),
    ...changes,
  };
}

const pidOf = (name: string): number => {
  const file = join(dir, `${name}.pid`);
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
};

describe('the supervisor', () => {
  test('reports when a service is ready, and passes on its output', async () => {
    const supervisor = supervise();
    expect(await supervisor.run(service('one', "console.log('out'); console.error('err')"))).toBe(true);
    await until(() => lines.length === 2);
    expect(lines.sort()).toEqual(['one: err', 'one: out']);
  });

  test('restarts a service that was killed', async () => {
    const supervisor = supervise();
    await supervisor.run(service('one', ''));
    const first = pidOf('one');
    process.kill(first, 'SIGKILL');
    await until(() => pidOf('one') !== first && isAlive(pidOf('one')));
    expect(lines).toEqual(['one ended: SIGKILL; starting it again in 250 ms']);
  });

  test('ends every process when it is told to stop, and reports exit code 0', async () => {
    const supervisor = supervise();
    await Promise.all([supervisor.run(service('one', '')), supervisor.run(service('two', ''))]);
    stop.abort();
    expect(await supervisor.ended).toBe(0);
    expect([pidOf('one'), pidOf('two')].map(isAlive)).toEqual([false, false]);
    expect(lines).toEqual([]);
  });

  test('stops a service last if the others write to it', async () => {
    const supervisor = supervise();
    const log = JSON.stringify(join(dir, 'ends'));
    const onTerm = (name: string, ms: number) =>
      `process.on('SIGTERM', () => setTimeout(() => { require('fs').appendFileSync(${log}, '${name} '); process.exit() }, ${ms}))`;
    await supervisor.run(service('redis', onTerm('redis', 0), { stopLast: true }));
    await supervisor.run(service('app', onTerm('app', 200)));
    stop.abort();
    await supervisor.ended;
    expect(readFileSync(join(dir, 'ends'), 'utf8')).toBe('app redis ');
  });

  test('kills services that do not end in their grace time', async () => {
    const supervisor = supervise();
    await supervisor.run(service('stubborn', "process.on('SIGTERM', () => {})", { graceMs: 100 }));
    stop.abort();
    expect(await supervisor.ended).toBe(0);
    expect(isAlive(pidOf('stubborn'))).toBe(false);
  });

  test('does not wait for the grace time when it is told to hurry', async () => {
    const supervisor = supervise();
    await supervisor.run(service('stubborn', "process.on('SIGTERM', () => {})", { graceMs: 60_000 }));
    stop.abort();
    hurry.abort();
    expect(await supervisor.ended).toBe(0);
  });

  test('ends the processes that a service has started', async () => {
    const supervisor = supervise();
    const file = JSON.stringify(join(dir, 'grandchild.pid'));
    const script =
      `const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);` +
      `require('fs').writeFileSync(${file}, String(child.pid))`;
    await supervisor.run(service('one', script));
    const grandchild = pidOf('grandchild');
    expect(isAlive(grandchild)).toBe(true);
    stop.abort();
    await supervisor.ended;
    await until(() => !isAlive(grandchild));
  });

  test('ends every process when a service exits because of wrong settings, and reports exit code 1', async () => {
    const supervisor = supervise();
    await supervisor.run(service('redis', '', { stopLast: true }));
    const isReady = await supervisor.run(service('sidecar', "console.error('LEASE_MS?'); process.exit(78)"));
    expect(isReady).toBe(false);
    expect(await supervisor.ended).toBe(1);
    expect(isAlive(pidOf('redis'))).toBe(false);
    expect(lines).toEqual(['sidecar: LEASE_MS?']);
  });

  test('tries again to start a program that does not exist, and can be stopped meanwhile', async () => {
    const supervisor = supervise();
    const running = supervisor.run(service('ghost', '', { command: join(dir, 'no-such-program') }));
    await until(() => lines.length > 0);
    expect(lines[0]).toContain('ENOENT; starting it again in 250 ms');
    stop.abort();
    expect(await running).toBe(false);
    expect(await supervisor.ended).toBe(0);
  });
});

test('services end when their supervisor is killed, even if they are not its direct children', async () => {
  const preload = inRoot('scripts/launch/die-with-parent.mjs');
  const idle = (name: string) =>
    `require('fs').writeFileSync(${JSON.stringify(join(dir, `${name}.pid`))}, String(process.pid)); setInterval(() => {}, 1000)`;
  const startBoth = `
    const { spawn } = require('child_process');
    const options = { detached: true, stdio: 'ignore', env: { ...process.env, SUPERVISOR_PID: String(process.pid) } };
    spawn(process.execPath, ['--import', process.env.PRELOAD, '-e', process.env.CHILD], options);
    spawn('sh', ['-c', '"$0" --import "$PRELOAD" -e "$BEHIND"; true', process.execPath], options);
    setInterval(() => {}, 1000);`;
  const killed = spawn(process.execPath, ['-e', startBoth], {
    env: { ...process.env, PRELOAD: preload, CHILD: idle('child'), BEHIND: idle('behind') },
    stdio: 'ignore',
  });
  await until(() => isAlive(pidOf('child')) && isAlive(pidOf('behind')));
  killed.kill('SIGKILL');
  expect(await until(() => !isAlive(pidOf('child')) && !isAlive(pidOf('behind')))).toBe(true);
});
