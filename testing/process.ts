import { spawn, type ChildProcess } from 'node:child_process';
import type { Env } from '../scripts/shared/settings.ts';
import { until } from '../scripts/shared/wait.ts';

/** A real process, and the signals that a test can send it. */
export interface TestProcess {
  readonly name: string;
  readonly pid: number;
  /** Everything the process has written to stdout and stderr, including before its restarts. */
  readonly output: string;
  readonly isRunning: boolean;
  /** Sends a signal (default: SIGKILL). If the signal ends the process, waits until it has exited. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: the process stops running, and its connections stay open. */
  freeze(): void;
  /** SIGCONT after {@link freeze}. */
  thaw(): void;
  /** Resolves to the exit code when the process has exited; `null` if a signal ended it. */
  ended(): Promise<number | null>;
  /** Kills the process if it still runs, starts it again with the same arguments, and waits until it is ready. */
  restart(changes?: { env?: Env }): Promise<void>;
  /** SIGTERM, then SIGKILL after 3 s. Resolves when the process has exited. Does nothing if it has exited before. */
  stop(): Promise<void>;
}

export interface TestProcessOptions {
  name: string;
  command: string;
  args: string[];
  env?: Env;
  cwd?: string;
  /**
   * Checked every 25 ms until true. If the process exits first, or is not ready after 30 s, {@link startProcess} rejects with the
   * output of the process.
   */
  ready: () => Promise<boolean>;
}

const READY_WITHIN_MS = 30_000;
const GRACE_MS = 3_000;
const FINAL_SIGNALS = new Set<NodeJS.Signals>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT']);

const alive = new Set<ChildProcess>();
process.once('exit', () => alive.forEach((child) => child.kill('SIGKILL')));

/** Starts a process and resolves when it is ready. When the process that runs the tests exits, it kills the started process. */
export async function startProcess({ name, command, args, env, cwd, ready }: TestProcessOptions): Promise<TestProcess> {
  let output = '';
  let current = launch(env);

  function launch(environment: Env | undefined) {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    alive.add(child);
    const state = { child, hasEnded: false, ended: Promise.resolve<number | null>(null) };
    state.ended = new Promise((resolve) => {
      const end = (code: number | null) => {
        state.hasEnded = true;
        alive.delete(child);
        resolve(code);
      };
      child.once('exit', end);
      child.once('error', (error) => {
        output += `${error.message}\n`;
        end(null);
      });
    });
    return state;
  }

  async function becomeReady() {
    const starting = current;
    const signal = AbortSignal.timeout(READY_WITHIN_MS);
    const isReady = await until(async () => starting.hasEnded || (await ready()), { everyMs: 25, signal });
    if (isReady && !starting.hasEnded) return;
    starting.child.kill('SIGKILL');
    throw new Error(`${name} ${starting.hasEnded ? 'ended before it was ready' : 'was not ready in time'}:\n${output}`);
  }

  const started: TestProcess = {
    name,
    get pid() {
      return current.child.pid!;
    },
    get output() {
      return output;
    },
    get isRunning() {
      return !current.hasEnded;
    },
    async kill(signal = 'SIGKILL') {
      current.child.kill(signal);
      if (FINAL_SIGNALS.has(signal)) await current.ended;
    },
    freeze: () => void current.child.kill('SIGSTOP'),
    thaw: () => void current.child.kill('SIGCONT'),
    ended: () => current.ended,
    async restart(changes) {
      await started.kill('SIGKILL');
      current = launch({ ...env, ...changes?.env });
      await becomeReady();
    },
    async stop() {
      const { child, ended } = current;
      child.kill('SIGTERM');
      child.kill('SIGCONT'); // a frozen process cannot exit
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
  await becomeReady();
  return started;
}
