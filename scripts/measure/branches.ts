import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../../chaos/percentiles.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { openTestBed, type SidecarProcess } from '../../testing/test-bed.ts';

/**
 * Measures what 50 branches cost: the CPU time of the process that writes the answer, and the time between two events that a
 * reader of the answer receives. A branch is a copy of a chat, with the part of the answer that is written so far.
 *
 *     node scripts/measure/branches.ts [rounds]
 *
 * Starts three sidecars: one writes, one has the readers, one makes the branches. Each round measures twice: first without
 * branches, and then with 50 branches that are made one after the other, each at the newest event. In every second round the
 * writer itself makes the branches, because a load balancer may send the requests for branches to the writer.
 */
const [rounds = 4] = process.argv.slice(2).map(Number);
const BRANCHES = 50;
const WINDOW_MS = 6000;
const READERS = 10;
/** Number of answers that the writer writes at the same time. */
const ANSWERS = 20;
const MODEL = 'synthetic/20000x20@50';
const CLOCK_TICKS = 100;

/** Processor time of a process so far, in ms. */
function cpuMs({ pid }: { pid: number }): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS;
}

const bed = await openTestBed({ env: { MAX_FORK_BYTES: '0', LEASE_MS: '5000', LOG_LEVEL: 'silent' } });
try {
  const [writer, reading, branching] = await Promise.all([bed.spawn(), bed.spawn(), bed.spawn()]);
  const caller = await createCaller(writer);
  const chatId = newId('chat');
  const streamId = await caller.startStream({ chatId, messageId: 'answer', modelId: MODEL });
  for (let i = 1; i < ANSWERS; i++) await caller.startStream({ chatId: newId('chat'), modelId: MODEL });
  const readers = Array.from({ length: READERS }, () => followLoyally([caller.at(reading)], streamId));
  const [first] = readers;
  await sleep(3000);

  const without: Window[] = [];
  const elsewhere: Window[] = [];
  const atWriter: Window[] = [];
  for (let round = 0; round < rounds; round++) {
    without.push(await measure(writer, () => sleep(WINDOW_MS)));
    const isAtWriter = round % 2 === 1;
    const from = caller.at(isAtWriter ? writer : branching);
    (isAtWriter ? atWriter : elsewhere).push(await measure(writer, () => makeBranches(from)));
  }
  show('without branches', without);
  show(`${BRANCHES} branches, at another sidecar`, elsewhere);
  show(`${BRANCHES} branches, at the writer itself`, atWriter);
  for (const reader of readers) reader.leave();

  async function makeBranches(at: Caller): Promise<void> {
    for (let n = 0; n < BRANCHES; n++) {
      const body = { forkId: newId('branch'), messageId: 'answer', at: 'now' };
      const { status, text } = await at.call('POST', `/chats/${chatId}/forks`, { body });
      if (status !== 201) throw new Error(`a branch could not be made: status ${status}, ${text}`);
      await sleep(WINDOW_MS / BRANCHES / 2);
    }
  }

  interface Window {
    ms: number;
    cpuMs: number;
    chunks: number;
    gaps: number[];
  }

  async function measure(of: SidecarProcess, act: () => Promise<void>): Promise<Window> {
    const [since, before] = [performance.now(), cpuMs({ pid: of.pid })];
    await act();
    const until = performance.now();
    const used = cpuMs({ pid: of.pid }) - before;
    const gaps: number[] = [];
    for (const { arrivals } of readers) {
      const times = arrivals.map(({ atMs }) => atMs).filter((at) => at >= since && at <= until);
      times.slice(1).forEach((at, i) => gaps.push(at - times[i]!));
    }
    const chunks = first!.arrivals.filter(({ atMs }) => atMs >= since && atMs <= until).length * ANSWERS;
    return { ms: until - since, cpuMs: used, chunks, gaps };
  }

  function show(name: string, windows: readonly Window[]): void {
    const sum = (of: (window: Window) => number) => windows.reduce((all, window) => all + of(window), 0);
    const gaps = windows.flatMap((window) => window.gaps);
    const [p50, p99] = [0.5, 0.99].map((part) => percentile(gaps, part).toFixed(1));
    const each = windows.map(({ cpuMs: used, chunks }) => ((used * 1000) / chunks).toFixed(0)).join(' ');
    console.log(
      `${name.padEnd(34)} writer ${((sum((w) => w.cpuMs) * 1000) / sum((w) => w.chunks)).toFixed(0)} µs a chunk (${each}), ` +
        `time between two events at a reader p50 ${p50} ms, p99 ${p99} ms; ${sum((w) => w.ms / 1000).toFixed(0)} s`,
    );
  }
} finally {
  await bed.close();
}
