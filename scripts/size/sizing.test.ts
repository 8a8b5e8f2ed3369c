import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inRoot } from '../shared/paths.ts';
import { constantsIn } from './constants.ts';
import { reportLines } from './report.ts';
import { cores, countOf, sizeOf } from './sizing.ts';

const constants = constantsIn(readFileSync(inRoot('docs/benchmarks.md'), 'utf8'));
const load = { streams: 1_000_000, tokensPerSecond: 50, readers: 1.2, minutes: 2, keptMinutes: 60 };
const machine = { busyShare: 0.6, sidecarMemoryMb: 2048, redisMemoryGb: 16, networkGbit: 10, maxStreams: 2000 };
const prices = { coreHour: 0.04, gbHour: 0.005, gbTraffic: 0.05 };

describe('npm run size', () => {
  test('says how many servers a load needs and what breaks first', () => {
    const need = sizeOf(load, machine, constants);
    const lines = reportLines({ load, machine, prices, need });
    expect(lines.find((line) => line.startsWith('sidecars'))).toMatch(/^sidecars +[\d,]+, one core each/);
    expect(lines.find((line) => line.startsWith('cost'))).toMatch(/\$[\d.,]+ a million answers/);
    expect(lines.join('\n')).not.toMatch(/NaN|Infinity/);
    expect(need.sidecars[0]!.servers).toBe(Math.max(...need.sidecars.map(({ servers }) => servers)));
    expect(countOf(need.sidecars)).toBeGreaterThanOrEqual(500); // a million streams, at most 2000 in each sidecar
  });

  test('never counts more servers for a smaller load, and counts the same CPU for many slow streams as for few fast ones', () => {
    for (const key of ['streams', 'tokensPerSecond', 'readers', 'keptMinutes'] as const) {
      const less = sizeOf({ ...load, [key]: load[key] / 2 }, machine, constants);
      const more = sizeOf(load, machine, constants);
      expect(countOf(less.sidecars)).toBeLessThanOrEqual(countOf(more.sidecars));
      expect(countOf(less.masters)).toBeLessThanOrEqual(countOf(more.masters));
    }
    const [one, other] = [load, { ...load, streams: load.streams / 2, tokensPerSecond: 100 }];
    expect(cores(one, { sidecars: 3 }, constants)).toEqual(cores(other, { sidecars: 3 }, constants));
  });

  test('counts no follower of a stream with one sidecar, and nearly one follower per reader with very many sidecars', () => {
    const tokens = load.streams * load.tokensPerSecond;
    const usOf = (sidecars: number) => (cores(load, { sidecars, masters: 0 }, constants).redis / tokens) * 1e6;
    expect(usOf(1)).toBeCloseTo(constants.redis_us_per_token, 6);
    expect(usOf(10_000)).toBeCloseTo(constants.redis_us_per_token + 1.2 * constants.redis_us_per_followed_token, 2);
  });

  test('adds a base cost of Redis for each sidecar, up to the cost of one call per token', () => {
    const baseOf = (sidecars: number, masters: number) =>
      cores(load, { sidecars, masters }, constants).redis - cores(load, { sidecars, masters: 0 }, constants).redis;
    expect(baseOf(2, 1)).toBeCloseTo(2 * constants.redis_base_cores, 6);
    const tokens = load.streams * load.tokensPerSecond;
    expect(baseOf(10_000, 10_000)).toBeCloseTo((tokens * constants.redis_us_per_call) / 1e6, 6);
  });

  test('names a constant that is missing', () => {
    expect(() => constantsIn('| `sidecar_us_per_token` | 3 |')).toThrow('redis_us_per_token');
  });
});
