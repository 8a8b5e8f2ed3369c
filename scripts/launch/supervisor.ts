import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createBackoff } from './backoff.ts';
import type { Env } from '../shared/settings.ts';
import { pause, until } from '../shared/wait.ts';

/** Exit code for wrong settings (EX_CONFIG of sysexits.h). A process that exits with it is not restarted. */
const CONFIG_ERROR = 78;
const GRACE_MS = 2_000;
const LAST_WORDS_MS = 300;

export interface Service {
  name: string;
  command: string;
  args: string[];
  env: Env;
  /** Checked repeatedly until it resolves to true, which means that the service is ready. */
  ready?: () => Promise<boolean>;
  /** Time in ms between SIGTERM and SIGKILL. Default: 2000. */
  graceMs?: number;
  /** Stop this service only after all others, because the others write to it. */
  stopLast?: boolean;
  /** Where to read more if this service exits unexpectedly. */
  hint?: string;
}

export interface Supervisor {
  /** Starts a service and keeps it running. Resolves to `true` when it is ready, or `false` if everything is being stopped. */
  run(service: Service): Promise<boolean>;
  /**
   * Resolves to an exit code when all services have been stopped: 0 after {@link SupervisorOptions.stop}, 1 if a service had wrong
   * settings.
   */
  ended: Promise<number>;
}

export interface SupervisorOptions {
  /** When aborted, all services are stopped. */
  stop: AbortSignal;
  /** When aborted, services are killed immediately. Only those marked `stopLast` still get their grace time. */
  hurry?: AbortSignal;
  /** Prints a line of a service, or of the supervisor itself (`name` is null). */
  print: (name: string | null, line: string) => void;
}

/**
 * Runs services and restarts those that exit by themselves, with a growing delay. When `stop` is aborted, or when a service exits
 * because of wrong settings, the supervisor stops all services. It stops those marked `stopLast` after the others.
 *
 * Each child leads its own process group. So Ctrl-C at the terminal reaches only the supervisor, which stops the services in
 * order. When a child exits, the processes that it has started are killed.
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
  /** Sends SIGTERM, then SIGKILL after the grace time or when `hurry` is aborted. Resolves when the process has exited. */
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
        env: service.env as NodeJS.ProcessEnv, // Remix declares NODE_ENV as always set, but a child does not need it.
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
        // Waits for the last output, but not for ever: a process that left the group may keep the pipe open.
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

/** Sends a signal to a child and to all processes of its group. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group does not exist, so all its processes have exited already.
  }
}
