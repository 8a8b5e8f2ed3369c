/** `npm run explore:mutants`: plants each mutant in turn and prints how long the explorer took to find it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './mutants.ts';

const MAX_SECONDS = 60;
const inFolder = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const [only] = process.argv.slice(2);

/** Runs the explorer with this mutant. `seconds`: the time until the explorer found a violation; `null` if it found none. */
async function hunt({ name }: Mutant): Promise<{ seconds: number | null; output: string }> {
  const startedAt = performance.now();
  const args = [
    '--import',
    inFolder('plant.ts'),
    inFolder('../run.ts'),
    '--minutes',
    String(MAX_SECONDS / 60),
    '--quick',
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, MUTANT: name },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const code = await new Promise((resolve) => void child.once('close', resolve));
  const isFound = code === 1 && output.includes('VIOLATION');
  if (code !== 0 && !isFound) process.stderr.write(`The explorer itself failed on "${name}":\n${output}\n`);
  return { seconds: isFound ? (performance.now() - startedAt) / 1000 : null, output };
}

const chosen = MUTANTS.filter(({ name }) => only === undefined || name.includes(only));
if (chosen.length === 0) throw new Error(`No mutant has "${only}" in its name.`);
let missed = 0;
for (const mutant of chosen) {
  const { seconds, output } = await hunt(mutant);
  if (seconds === null) missed += 1;
  const by = /VIOLATION ([^:\n]*)/.exec(output)?.[1] ?? '';
  process.stdout.write(
    `| ${mutant.name} | ${seconds === null ? '**not found**' : `${seconds.toFixed(1)} s`} | ${by} |\n`,
  );
}
process.stdout.write(`${chosen.length} mutants, ${missed} not found\n`);
process.exit(missed === 0 ? 0 : 1);
