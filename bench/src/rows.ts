/** The rows that a run of the bench wrote, and their medians. */
import { readFileSync } from 'node:fs';
import { median, type Metrics } from './scenarios/common.ts';

export interface Row {
  test: string;
  key: string;
  adapter: string;
  repeat: number;
  metrics: Metrics;
}

export const readRows = (files: readonly string[]): Row[] =>
  files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row),
  );

/** The median of a metric over all repeats of one measurement; NaN if there is none. */
export const medianOf = (rows: readonly Row[], test: string, key: string, adapter: string, metric: string): number =>
  median(
    rows
      .filter((row) => row.test === test && row.key === key && row.adapter === adapter)
      .map((row) => row.metrics[metric])
      .filter((value) => typeof value === 'number'),
  );
