import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { isAlive } from '../bootstrap/watch-parent.mjs';
import { inRoot, root } from '../shared/paths.ts';
import { StartError } from '../shared/start-error.ts';
import { pause } from '../shared/wait.ts';

const SOURCES = ['app/**/*.*', 'shared/**/*.*', 'public/**/*.*', 'vite.config.*', 'tsconfig.json', 'package-lock.json'];

const stampFile = () => inRoot('build/.built-from');
/**
 * A lock file with the id of the process that builds. Two builds at the same time would write the same files. After a process has
 * died, the system may give its id to another process. So the building process also touches the lock file every second, and a lock
 * file that was not touched for {@link MAX_AGE_MS} does not count. The lock file is not in `build/`, because the build empties that
 * folder.
 */
const lockFile = () => inRoot('node_modules/.rejoin-building');
const LOOK_AGAIN_MS = 100;
const TOUCH_MS = 1_000;
const MAX_AGE_MS = 10_000;

/** Builds the app if its sources have changed since the last build, or always with `force`. */
export async function buildApp({
  force = false,
  signal,
}: { force?: boolean; signal?: AbortSignal } = {}): Promise<void> {
  if (!force && isFresh()) return;
  while (!lock()) {
    await pause(LOOK_AGAIN_MS, signal);
    if (signal?.aborted) return;
  }
  const touching = setInterval(() => {
    if (isOurs()) utimesSync(lockFile(), new Date(), new Date());
  }, TOUCH_MS);
  try {
    if (force || !isFresh()) await build(signal);
  } finally {
    clearInterval(touching);
    if (isOurs()) rmSync(lockFile(), { force: true });
  }
}

/** False if another process took the lock because this one was suspended for long. */
const isOurs = (): boolean => existsSync(lockFile()) && readFileSync(lockFile(), 'utf8') === String(process.pid);

const isFresh = (): boolean => existsSync(stampFile()) && readFileSync(stampFile(), 'utf8') === hashSources();

/** Tries to take the lock. Removes a lock that a dead process left behind, so that the next call can take it. */
function lock(): boolean {
  try {
    writeFileSync(lockFile(), String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isHeld()) rmSync(lockFile(), { force: true });
    return false;
  }
}

function isHeld(): boolean {
  try {
    const isTouched = Date.now() - statSync(lockFile()).mtimeMs < MAX_AGE_MS;
    return isTouched && isAlive(Number(readFileSync(lockFile(), 'utf8')) || process.pid);
  } catch {
    return false;
  }
}

async function build(signal: AbortSignal | undefined): Promise<void> {
  const sources = hashSources();
  process.stdout.write('Building the app …\n');
  rmSync(stampFile(), { force: true }); // so that a failed build does not count as fresh
  const { code, output } = await runBuild(signal);
  if (signal?.aborted) return;
  if (code !== 0) throw new StartError(`${output}\nThe app could not be built, see above.`);
  writeFileSync(stampFile(), sources);
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: root }).sort()) {
    if (!/\.test\.tsx?$/.test(file))
      hash
        .update(`${file}\0`)
        .update(readFileSync(inRoot(file)))
        .update('\0');
  }
  return hash.digest('hex');
}

function runBuild(signal: AbortSignal | undefined): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [inRoot('node_modules/@remix-run/dev/dist/cli.js'), 'vite:build'], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', (error) => resolve({ code: null, output: `${output}${error.message}` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
