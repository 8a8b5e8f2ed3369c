import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MUTANTS } from './mutants/mutants.ts';

const inRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Runs the explorer in a separate process, because the explorer replaces all clocks of its process. The number of schedules is limited
 * by `args`, not by `--minutes`: no search takes 10 minutes. So a busy machine runs as many schedules as an idle one.
 */
async function explore(args: readonly string[], mutant?: string): Promise<{ code: number | null; output: string }> {
  const preload = mutant === undefined ? [] : ['--import', inRoot('explore/mutants/plant.ts')];
  const child = spawn(process.execPath, [...preload, inRoot('explore/run.ts'), '--minutes', '10', ...args], {
    env: { ...process.env, MUTANT: mutant },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { code, output };
}

describe('the explorer', () => {
  test('finds no violation in the product in 300 schedules', { timeout: 120_000 }, async () => {
    const { code, output } = await explore(['--schedules', '300', '--seed', '1']);
    expect(output).toMatch(/300 schedules in .* 0 violations/);
    expect(code).toBe(0);
  });

  test('repeats a schedule exactly from its seed', { timeout: 120_000 }, async () => {
    const args = ['--schedules', '1', '--seed', '3', '--story'];
    const [first, second] = await Promise.all([explore(args), explore(args)]);
    const story = (output: string) => output.split('\n').filter((line) => line.startsWith('  '));
    expect(story(first.output).length).toBeGreaterThan(20);
    expect(story(second.output)).toEqual(story(first.output));
  });

  test('finds a planted fault and prints the story of the schedule that fails', { timeout: 120_000 }, async () => {
    const { code, output } = await explore(['--schedules', '100'], 'a list of chats has no lifetime');
    expect(output).toMatch(/seed \d+: .+\n {2}.+/);
    expect(output).toContain('VIOLATION');
    expect(code).toBe(1);
  });
});

describe('every mutant', () => {
  test('applies to the current source', () => {
    const places = MUTANTS.map(({ name, file, find }) => [
      name,
      readFileSync(inRoot(file), 'utf8').split(find).length - 1,
    ]);
    expect(places.filter(([, count]) => count !== 1)).toEqual([]);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.filter(({ find, replace }) => find === replace)).toEqual([]);
  });
});
