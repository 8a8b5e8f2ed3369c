import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRoot, root } from '../shared/paths.ts';
import type { Env } from '../shared/settings.ts';

const GRACE_MS = 5_000;

export interface RunScriptOptions {
  /** Appended to the script's command. */
  args?: string[];
  env?: Env;
  /** When aborted, the script and all processes that it has started get SIGTERM, and SIGKILL after 5 s. */
  signal: AbortSignal;
}

/** Runs a script of package.json like `npm run`, with its output on the screen. Resolves to its exit code. */
export function runScript(name: string, { args = [], env, signal }: RunScriptOptions): Promise<number> {
  const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { scripts: Record<string, string> };
  return new Promise((resolve, reject) => {
    // `detached` gives the script its own process group, so that `signalGroup` also ends the processes that it has started.
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
