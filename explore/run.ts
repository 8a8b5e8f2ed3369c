/** `npm run explore -- --minutes 10 --strategy pct --seed N`: searches schedules, and tells the story of one that fails. */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { installVirtualTime } from './virtual-time.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    schedules: { type: 'string' },
    strategy: { type: 'string', default: 'mixed' },
    depth: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    workers: { type: 'string', default: '1' },
    'keep-going': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    story: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
  },
});

/** Nearly everything that a schedule creates is garbage when the schedule ends. A large young generation needs fewer collections. */
const HEAP = ['--max-semi-space-size=64'];
/** Difference between the first seeds of two workers. No worker runs this many schedules, so no two workers use the same seed. */
const SEEDS_PER_WORKER = 10_000_000;

/** Runs the search in several processes with different seeds. Resolves to the number of processes that found a violation or failed. */
async function searchInProcesses(workers: number): Promise<number> {
  const codes = Array.from({ length: workers }, async (_, worker) => {
    const seed = String(Number(values.seed) + worker * SEEDS_PER_WORKER);
    const args = [...process.execArgv, ...HEAP, ...process.argv.slice(1), '--workers', '1', '--seed', seed];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    return new Promise<number>((resolve) => void child.once('close', (code) => resolve(code ?? 1)));
  });
  return (await Promise.all(codes)).filter((code) => code !== 0).length;
}

async function search(): Promise<boolean> {
  const realNow = performance.now.bind(performance);
  const time = installVirtualTime();
  // The sidecar's code is loaded after the virtual clock is installed, so that no module uses the real clock.
  const { explore } = await import('./explore.ts');
  return explore({
    time,
    realNow,
    seed: Number(values.seed),
    strategy: values.strategy,
    depth: Number(values.depth),
    milliseconds: Number(values.minutes) * 60_000,
    schedules: values.schedules === undefined ? Infinity : Number(values.schedules),
    scenarioIndex: values.scenario === undefined ? undefined : Number(values.scenario),
    keepGoing: values['keep-going'],
    isQuick: values.quick,
    tellsAll: values.story,
    tellsCoverage: values.coverage,
    print: (line) => void process.stdout.write(`${line}\n`),
  });
}

const workers = Number(values.workers);
const failed = workers > 1 ? (await searchInProcesses(workers)) > 0 : await search();
// A pipe may accept the last output late, so the process exits only after everything is written.
process.stdout.write('', () => process.exit(failed ? 1 : 0));
