import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MUTANTS } from './mutants/mutants.ts';

const inRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The explorer in a process of its own: it takes over all clocks of the process that it runs in. */
async function explore(args: readonly string[], mutant?: string): Promise<{ code: number | null; output: string }> {
  const preload = mutant === undefined ? [] : ['--import', inRoot('explore/mutants/plant.ts')];
  const child = spawn(process.execPath, [...preload, inRoot('explore/run.ts'), ...args], {
    env: { ...process.env, MUTANT: mutant },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { code, output };
}

describe('the explorer', () => {
  test('finds no violation in the product, whatever the order of steps and faults', { timeout: 120_000 }, async () => {
    const { code, output } = await explore(['--schedules', '600', '--seed', '1', '--minutes', '1']);
    expect(output).toMatch(/\d+ schedules in .* 0 violations/);
    expect(code).toBe(0);
  });

  test('repeats a schedule exactly from its seed', { timeout: 120_000 }, async () => {
    const args = ['--schedules', '1', '--seed', '3', '--story', '--minutes', '1'];
    const [first, second] = [await explore(args), await explore(args)];
    const story = (output: string) => output.split('\n').filter((line) => line.startsWith('  '));
    expect(story(first.output).length).toBeGreaterThan(20);
    expect(story(second.output)).toEqual(story(first.output));
  });

  test.each(['an append does not compare the position', 'a claim does not raise the epoch'])(
    'finds a planted fault and tells its story: %s',
    { timeout: 120_000 },
    async (mutant) => {
      const { code, output } = await explore(['--minutes', '1', '--quick'], mutant);
      expect(output).toMatch(/seed \d+: .+\n {2}.+/);
      expect(output).toContain('VIOLATION');
      expect(code).toBe(1);
    },
  );
});

describe('every mutant', () => {
  test.each(MUTANTS)('applies to the current source: $name', ({ file, find, replace }) => {
    const source = readFileSync(inRoot(file), 'utf8');
    expect(source.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  });
});
