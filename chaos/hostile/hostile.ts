import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPair, type Pair } from '../../deploy/testing/pair.ts';
import { percentile } from '../percentiles.ts';
import { attack } from './attacks.ts';
import { readHonestly } from './honest-readers.ts';

export interface HostileOptions {
  streams: number;
  /** Duration of the attack. The quiet phase before it is half as long. */
  seconds: number;
  say: (line: string) => void;
}

/** Memory of the three processes, in MiB. */
export interface Memory {
  app: number;
  sidecar: number;
  redis: number;
}

export interface HostileReport {
  calm: { p50: number; p99: number };
  attacked: { p50: number; p99: number };
  /** Number of complete answers during the attack. */
  whole: number;
  problems: string[];
  /** `settled`: {@link SETTLE_MS} after the attack. `after`: {@link FLAT_MS} later. */
  memory: { before: Memory; largest: Memory; settled: Memory; after: Memory };
  /** Number of responses to the hostile client, by attack and status. */
  answers: Map<string, number>;
}

/**
 * Sets the limits of starts, answers and readers to their defaults, because tests otherwise run without limits (`NO_LIMITS`). Also
 * makes Redis keep streams for only a short time.
 */
const LIMITS = {
  MAX_ACTIVE_STREAMS_PER_USER: '5',
  MAX_STARTS_PER_MINUTE: '20',
  MAX_READERS_PER_STREAM: '500',
  MAX_READERS_PER_USER: '1000',
  MAX_STREAMS: '2000',
  STREAM_TTL_SECONDS: '120',
};
/** The processes have this long after the attack to get back to normal. */
const SETTLE_MS = 10_000;
/** Length of the phase after {@link SETTLE_MS}, in which the growth of memory is measured. */
const FLAT_MS = 5000;

/** Runs honest readers alone, then together with one hostile client. Measures the processes before, during and after. */
export async function runHostile({ streams, seconds, say }: HostileOptions): Promise<HostileReport> {
  const pair = await openPair({ ...LIMITS, LOG_LEVEL: 'error' });
  try {
    const { url } = pair.app;
    say(`${streams} honest readers alone …`);
    const calm = await readHonestly({ url, streams, seconds: Math.ceil(seconds / 2) });
    const before = await memoryOf(pair);
    say(`… and together with a hostile client, for ${seconds} s …`);
    const stop = new AbortController();
    const answers = new Map<string, number>();
    const note = (attack: string, status: number | string) => {
      const key = `${attack}: ${status}`;
      answers.set(key, (answers.get(key) ?? 0) + 1);
    };
    const largest = { ...before };
    const watch = setInterval(() => void memoryOf(pair).then((now) => keepLargest(largest, now)), 500);
    const attacking = attack({ url, signal: stop.signal, note });
    const attacked = await readHonestly({ url, streams, seconds });
    stop.abort();
    await attacking;
    clearInterval(watch);
    say('… and afterwards.');
    await sleep(SETTLE_MS);
    const settled = await memoryOf(pair);
    await sleep(FLAT_MS);
    return {
      calm: figuresOf(calm.latencies),
      attacked: figuresOf(attacked.latencies),
      whole: attacked.whole,
      problems: [...calm.problems, ...attacked.problems],
      memory: { before, largest, settled, after: await memoryOf(pair) },
      answers,
    };
  } finally {
    await pair.close();
  }
}

const figuresOf = (latencies: number[]) => ({ p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) });

function keepLargest(largest: Memory, now: Memory): void {
  for (const name of ['app', 'sidecar', 'redis'] as const) largest[name] = Math.max(largest[name], now[name]);
}

async function memoryOf({ app, sidecar, bed }: Pair): Promise<Memory> {
  const used = /used_memory:(\d+)/.exec(await bed.db.info('memory'))![1];
  return { app: rssMib(app.pid), sidecar: rssMib(sidecar.pid), redis: Number(used) / 1024 / 1024 };
}

const rssMib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
