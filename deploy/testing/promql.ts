import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../../scripts/shared/paths.ts';

export function promtool(...args: string[]): { isContent: boolean; said: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: inRoot('deploy'), encoding: 'utf8' });
  if (error) throw new Error('promtool is missing; `npm test` installs it', { cause: error });
  return { isContent: status === 0, said: stdout + stderr };
}

/** Lets promtool parse the queries, each as a rule in a temporary file. */
export function checkQueries(queries: readonly string[]): { isContent: boolean; said: string } {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-queries-'));
  const rules = queries.map((expr, i) => ({ record: `query:number_${i}`, expr }));
  writeFileSync(join(dir, 'rules.yml'), JSON.stringify({ groups: [{ name: 'queries', rules }] }));
  try {
    return promtool('check', 'rules', join(dir, 'rules.yml'));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

interface Panel {
  title: string;
  type: string;
  targets?: { expr: string }[];
}

/** The queries of a dashboard, with values in place of Grafana's variables. */
export function dashboardQueries(file: string): { panel: string; expr: string }[] {
  const { panels } = JSON.parse(readFileSync(inRoot(file), 'utf8')) as { panels: Panel[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'),
    })),
  );
}

export function ruleQueries(file: string): string[] {
  const text = readFileSync(inRoot(file), 'utf8');
  return [...text.matchAll(/^ +expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)/gm)].map(([, block, line]) => (block ?? line)!);
}

export interface Wanted {
  metric: string;
  labels: string[];
}

/** The metrics in a query, each with the labels in its braces. */
export function wantedIn(query: string): Wanted[] {
  return [...query.matchAll(/\b((?:rejoin|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(([, metric, matchers = '']) => ({
    metric: metric!,
    labels: [...matchers.matchAll(/(\w+)\s*=?[=!~]/g)].map((match) => match[1]!),
  }));
}

export const groupedBy = (query: string): string[] =>
  [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap((match) => match[1]!.split(',').map((label) => label.trim()));
