import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inRoot } from '../scripts/shared/paths.ts';
import { createCaller } from '../testing/caller.ts';
import { readFigures, type Sample } from '../testing/figures.ts';
import { followLoyally } from '../testing/loyal-reader.ts';
import { openTestBed, type TestBed } from '../testing/test-bed.ts';
import { checkQueries, dashboardQueries, groupedBy, promtool, ruleQueries, wantedIn } from './testing/promql.ts';

const DASHBOARD = 'deploy/grafana/dashboards/rejoin.json';
const RULES = 'deploy/alerts.yml';
/** The labels that Prometheus adds to every series. */
const ADDED = ['job', 'instance'];

describe('the alert rules', () => {
  test('and the file that loads them are valid for Prometheus', () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toMatchObject({ isContent: true });
    const count = ruleQueries(RULES).length;
    expect(count).toBeGreaterThan(9);
    expect(promtool('check', 'rules', 'alerts.yml').said).toContain(`SUCCESS: ${count} rules found`);
  });

  test('fire when they should, and at no other time', () => {
    const [rules, tests] = [RULES, 'deploy/alerts.test.yml'].map((file) => readFileSync(inRoot(file), 'utf8')) as [
      string,
      string,
    ];
    const names = [...rules.matchAll(/alert: (\w+)/g)].map((match) => match[1]!);
    expect(names.filter((name) => !tests.includes(`alertname="${name}"`))).toEqual([]);
    expect(promtool('test', 'rules', 'alerts.test.yml')).toMatchObject({ isContent: true });
  });
});

describe('the dashboard', () => {
  test('has valid queries', () => {
    const queries = dashboardQueries(DASHBOARD).map(({ expr }) => expr);
    expect(queries.length).toBeGreaterThan(30);
    expect(checkQueries(queries)).toMatchObject({ isContent: true });
    expect(checkQueries(['sum(rate(rejoin_readers[1m])'])).toMatchObject({ isContent: false });
  });
});

describe('the metrics in rules and dashboard', () => {
  let bed: TestBed;
  let samples: Sample[] = [];

  beforeAll(async () => {
    bed = await openTestBed();
    const [writer, follower] = await Promise.all([bed.start(), bed.start()]);
    const caller = await createCaller(writer);
    const streamId = await caller.startStream({ modelId: 'synthetic/40x20@100' });
    await followLoyally([caller.at(follower)], streamId).finished;
    expect((await caller.call('GET', '/streams/none')).status).toBe(404);
    expect((await (await createCaller(writer, { isAdmin: true })).cleanup()).status).toBe(200);
    samples = (await Promise.all([writer, follower].map(readFigures))).flatMap((figures) => figures.samples);
  });
  afterAll(() => bed?.close());

  test('are exported, with the labels that the queries use, by sidecars that wrote and followed an answer', () => {
    const queries = [...dashboardQueries(DASHBOARD).map(({ expr }) => expr), ...ruleQueries(RULES)];
    const labelsOf = (metric: string) =>
      new Set(samples.filter(({ name }) => name === metric).flatMap(({ labels }) => Object.keys(labels)));
    const missing = queries.flatMap((query) => {
      const wanted = wantedIn(query);
      const known = new Set(wanted.flatMap(({ metric }) => [...labelsOf(metric), ...ADDED]));
      return [
        ...wanted
          .filter(({ metric }) => !samples.some(({ name }) => name === metric))
          .map(({ metric }) => `${metric} in ${query}`),
        ...[...wanted.flatMap(({ labels }) => labels), ...(wanted.length > 0 ? groupedBy(query) : [])]
          .filter((label) => !known.has(label))
          .map((label) => `the label ${label} in ${query}`),
      ];
    });
    expect(missing).toEqual([]);
  });

  test('include all of our metrics but rejoin_cleanup_seconds', () => {
    const asked = new Set(
      dashboardQueries(DASHBOARD)
        .flatMap(({ expr }) => wantedIn(expr))
        .concat(ruleQueries(RULES).flatMap(wantedIn))
        .map(({ metric }) => baseOf(metric)),
    );
    const own = new Set(samples.map(({ name }) => baseOf(name)).filter((name) => name.startsWith('rejoin_')));
    expect([...own].filter((name) => !asked.has(name))).toEqual(['rejoin_cleanup_seconds']);
  });
});

const baseOf = (metric: string): string => metric.replace(/_(bucket|sum|count)$/, '');
