import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createBackoff } from './backoff.ts';
import type { Env } from '../shared/settings.ts';
import { pause, until } from '../shared/wait.ts';

/** A process that says by this exit code that its settings are wrong (EX_CONFIG of sysexits.h) is not started again. */
export const CONFIG_ERROR = 78;
const GRACE_MS = 2_000;
const LAST_WORDS_MS = 300;

/** A program to keep running. */
export interface Service {
  name: string;
  command: string;
  args: string[];
  env: Env;
  /** True once it does its work; asked again and again until then. */
  ready?: () => Promise<boolean>;
  /** How long it may take to end after SIGTERM before it is killed, in ms; 2000 unless told. */
  graceMs?: number;
  /** Ended only when all others have ended: what they write to. */
  stopLast?: boolean;
  /** Where to read more when it has ended unexpectedly. */
  hint?: string;
}

export interface Supervisor {
  /** Starts a service and keeps it running. Resolves to `true` when it is ready, `false` when everything is being stopped. */
  run(service: Service): Promise<boolean>;
  /** Resolves when everything has been stopped and no process is left: 0 if that was wanted, else 1. */
  ended: Promise<number>;
}

export interface SupervisorOptions {
  /** Aborted: end everything. */
  stop: AbortSignal;
  /** Aborted: end everything without the time of grace. */
  hurry?: AbortSignal;
  /** A line that a service wrote, or (`name` is null) that the supervisor has to say. */
  print: (name: string | null, line: string) => void;
}

/**
 * Runs services and starts those again that end by themselves, with backoff, until it is told to stop or one says that
 * its settings are wrong. Then it ends them all, those marked `stopLast` after the others.
 *
 * Each child leads a process group of its own: a Ctrl-C at the terminal reaches only the supervisor, which keeps the
 * order, and what a child has started itself ends with it.
 */
export function createSupervisor({ stop, hurry, print }: SupervisorOptions): Supervisor {
  const misconfigured = new AbortController();
  const stopping = AbortSignal.any([stop, misconfigured.signal]);
  const running: Running[] = [];

  async function endAll(): Promise<number> {
    for (const last of [false, true]) {
      const group = running.filter(({ service }) => (service.stopLast ?? false) === last);
      await Promise.all(group.map((one) => one.end(last ? undefined : hurry)));
    }
    return misconfigured.signal.aborted ? 1 : 0;
  }

  return {
    async run(service) {
      if (stopping.aborted) return false;
      const one = keepRunning(service, { stopping, print, onMisconfigured: () => misconfigured.abort() });
      running.push(one);
      return until(async () => one.isUp() && (await (service.ready?.() ?? true)), { signal: stopping });
    },
    ended: new Promise((resolve) => {
      const end = () => resolve(endAll());
      if (stopping.aborted) end();
      else stopping.addEventListener('abort', end, { once: true });
    }),
  };
}

interface Running {
  service: Service;
  isUp(): boolean;
  /** SIGTERM, and SIGKILL after the grace or when `hurry` is aborted. Resolves when it has ended. */
  end(hurry?: AbortSignal): Promise<void>;
}

interface KeepRunningOptions {
  stopping: AbortSignal;
  print: SupervisorOptions['print'];
  onMisconfigured: () => void;
}

function keepRunning(service: Service, { stopping, print, onMisconfigured }: KeepRunningOptions): Running {
  const backoff = createBackoff();
  let child: ChildProcess | null = null;
  let childEnded: Promise<void> = Promise.resolve();

  async function loop() {
    while (!stopping.aborted) {
      const startedAt = performance.now();
      const { promise, resolve } = Promise.withResolvers<void>();
      childEnded = promise;
      const outcome = await runOnce();
      child = null;
      resolve();
      if (stopping.aborted) return;
      if (outcome.code === CONFIG_ERROR) return onMisconfigured();
      const delayMs = backoff.nextDelayMs(performance.now() - startedAt);
      const hint = service.hint ? ` (${service.hint})` : '';
      print(null, `${service.name} ended: ${outcome.text}${hint}; starting it again in ${delayMs} ms`);
      await pause(delayMs, stopping);
    }
  }

  function runOnce(): Promise<{ code: number | null; text: string }> {
    return new Promise((resolve) => {
      const started = spawn(service.command, service.args, {
        env: service.env as NodeJS.ProcessEnv, // Remix declares NODE_ENV as always set; a child may do without.
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      child = started;
      for (const output of [started.stdout, started.stderr]) {
        createInterface({ input: output }).on('line', (line) => print(service.name, line));
      }
      started.once('error', (error) => resolve({ code: null, text: error.message }));
      const closed = new AbortController();
      started.once('close', () => closed.abort());
      started.once('exit', (code, signal) => {
        signalGroup(started, 'SIGKILL');
        const outcome = { code, text: signal ?? `exit code ${code}` };
        // Its last words first; but something that has left the group may hold the pipe open for ever.
        void pause(LAST_WORDS_MS, closed.signal).then(() => resolve(outcome));
      });
    });
  }

  void loop();
  return {
    service,
    isUp: () => child?.pid !== undefined,
    async end(hurry) {
      const ending = child;
      if (!ending) return;
      ending.kill('SIGTERM');
      const graceOver = new AbortController();
      const kill = () => signalGroup(ending, 'SIGKILL');
      const timer = setTimeout(() => graceOver.abort(), service.graceMs ?? GRACE_MS);
      const tooLong = AbortSignal.any(hurry ? [graceOver.signal, hurry] : [graceOver.signal]);
      if (tooLong.aborted) kill();
      tooLong.addEventListener('abort', kill, { once: true });
      await childEnded;
      clearTimeout(timer);
    },
  };
}

/** To a child and everything it has started. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // No such group: all of it has ended, which is what was wanted.
  }
}
