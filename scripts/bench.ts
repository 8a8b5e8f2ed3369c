/**
 * `npm run bench`: measures the sidecar and comparable projects with a short set of tests. Also measures servers that store
 * nothing. They show the best that is possible, because a server that stores answers cannot be faster. `-- --full` runs all tests and
 * servers. Further arguments go to bench/src/run.ts. Writes the second half of docs/benchmarks.md.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildApp } from './launch/build-app.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const bench = join(root, 'bench');
const results = join(bench, 'results', 'run.jsonl');
const [first, ...rest] = process.argv.slice(2);
const isFull = first === '--full';
const chosen = isFull ? rest : process.argv.slice(2);

const SHORT = [
  ...['--adapters', 'rejoin,rejoin/app,proxy/fetch,rejoin/gemini,ai-sdk,memory/http,resumable-stream'],
  ...['--tests', 't1,t2,t3,t5,t6,t10,t11,t12', '--s', '100,1000', '--r', '1000', '--n', '100000'],
];

function run(command: string, args: string[]): void {
  const { status } = spawnSync(command, args, {
    cwd: bench,
    stdio: 'inherit',
    env: { ...process.env, REJOIN_DIR: root },
  });
  if (status !== 0) process.exit(status ?? 1);
}

await buildApp(); // the server "rejoin/app" runs the built app
if (!existsSync(join(bench, 'node_modules'))) run('npm', ['ci', '--silent']);
mkdirSync(join(bench, 'results'), { recursive: true });
rmSync(results, { force: true });
run(process.execPath, ['src/run.ts', '--out', results, ...(isFull ? [] : SHORT), ...chosen]);

const table = (script: string): string =>
  execFileSync(process.execPath, [`src/${script}.ts`, results], { cwd: bench, encoding: 'utf8' });
const goals = table('goals');
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
const command = `npm run bench${process.argv.slice(2).length > 0 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`;
const page = join(root, 'docs', 'benchmarks.md');
/** The part of the page above this line is written by hand. */
const MARK = '<!-- Everything below this line is written by `npm run bench`. -->\n';
const [byHand] = readFileSync(page, 'utf8').split(MARK);
writeFileSync(
  page,
  `${byHand}${MARK}
## The run

\`${command}\` on ${machine}, ${new Date().toISOString().slice(0, 10)}.

## Goals

${goals}
## Tables
${table('tables')}`,
);
process.stdout.write(goals);
