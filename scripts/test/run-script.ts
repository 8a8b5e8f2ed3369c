import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRoot, root } from '../shared/paths.ts';
import type { Env } from '../shared/settings.ts';

const GRACE_MS = 5_000;

export interface RunScriptOptions {
  /** Appended to the script's command. */
  args?: string[];
  env?: Env;
  /** Aborted: SIGTERM to the script and all it has started, SIGKILL after 5 s. */
  signal: AbortSignal;
}

/** Runs a script of package.json like `npm run`, with its output on the screen. Resolves to its exit code. */
export function runScript(name: string, { args = [], env, signal }: RunScriptOptions): Promise<number> {
  const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { scripts: Record<string, string> };
  return new Promise((resolve, reject) => {
    // A process group of its own, so that the processes that the script has started can be ended with it.
    const child = spawn('sh', ['-c', `${scripts[name]} "$@"`, name, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const signalGroup = (kind: NodeJS.Signals) => {
      try {
        process.kill(-child.pid!, kind);
      } catch {
        // The whole group has ended.
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      signalGroup('SIGTERM');
      timer = setTimeout(() => signalGroup('SIGKILL'), GRACE_MS);
    };
    signal.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => {
      signal.removeEventListener('abort', end);
      clearTimeout(timer);
      signalGroup('SIGKILL');
      resolve(code ?? 1);
    });
  });
}
