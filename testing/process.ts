import { spawn, type ChildProcess } from 'node:child_process';
import type { Env } from '../scripts/shared/settings.ts';
import { until } from '../scripts/shared/wait.ts';

/** A real process of a test, with the signals that a test sends it. */
export interface TestProcess {
  readonly name: string;
  readonly pid: number;
  /** What it has written so far, over all its lives. */
  readonly output: string;
  readonly isRunning: boolean;
  /** Sends a signal (SIGKILL unless told) and, for one that ends it, waits until it has ended. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: it stands still, with its connections open. */
  freeze(): void;
  /** SIGCONT after {@link freeze}. */
  thaw(): void;
  /** Resolves to its exit code when it has ended; `null` where a signal ended it. */
  ended(): Promise<number | null>;
  /** Starts it again with the same arguments (ended by SIGKILL first if it still runs), and waits until it is ready. */
  restart(changes?: { env?: Env }): Promise<void>;
  /** SIGTERM, SIGKILL after 3 s. Resolves when it has ended; harmless if it has. */
  stop(): Promise<void>;
}

export interface TestProcessOptions {
  name: string;
  command: string;
  args: string[];
  env?: Env;
  cwd?: string;
  /** Asked every 25 ms until true; an end before that, or 30 s without it, rejects with what the process wrote. */
  ready: () => Promise<boolean>;
}

const READY_WITHIN_MS = 30_000;
const GRACE_MS = 3_000;
const FINAL_SIGNALS = new Set<NodeJS.Signals>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT']);

const alive = new Set<ChildProcess>();
process.once('exit', () => alive.forEach((child) => child.kill('SIGKILL')));

/** Starts a process, and resolves when it is ready. It never outlives the process that started it, if that ends by itself. */
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
      child.kill('SIGCONT'); // One that is frozen can not end.
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
  await becomeReady();
  return started;
}
