/**
 * `npm run size -- --streams 1000000 --tokens-per-second 50 --readers 1.2 --minutes 2`: prints how many sidecars and Redis
 * masters a load needs, and which resource runs out first. docs/scale.md explains the options.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCommand, StartError } from './shared/start-error.ts';
import { inRoot } from './shared/paths.ts';
import { constantsIn } from './size/constants.ts';
import { reportLines } from './size/report.ts';
import { sizeOf } from './size/sizing.ts';

const DEFAULTS = {
  streams: '1000',
  'tokens-per-second': '50',
  readers: '1.2',
  minutes: '2',
  'kept-minutes': '60',
  'busy-share': '0.6',
  'sidecar-memory-mb': '2048',
  'redis-memory-gb': '16',
  'network-gbit': '10',
  'max-streams': '2000',
  'core-hour': '0.04',
  'gb-hour': '0.005',
  'gb-traffic': '0.05',
} as const;
type Name = keyof typeof DEFAULTS;
const NAMES = Object.keys(DEFAULTS) as Name[];

await runCommand(async () => {
  const number = read();
  const load = {
    streams: number('streams'),
    tokensPerSecond: number('tokens-per-second'),
    readers: number('readers'),
    minutes: number('minutes'),
    keptMinutes: number('kept-minutes'),
  };
  const machine = {
    busyShare: number('busy-share'),
    sidecarMemoryMb: number('sidecar-memory-mb'),
    redisMemoryGb: number('redis-memory-gb'),
    networkGbit: number('network-gbit'),
    maxStreams: number('max-streams'),
  };
  const prices = { coreHour: number('core-hour'), gbHour: number('gb-hour'), gbTraffic: number('gb-traffic') };
  const constants = constantsIn(readFileSync(inRoot('docs/benchmarks.md'), 'utf8'));
  if (machine.busyShare <= Math.max(constants.sidecar_base_cores, constants.redis_base_cores) || machine.busyShare > 1)
    throw new StartError(
      '--busy-share must be above sidecar_base_cores and redis_base_cores in docs/benchmarks.md, and at most 1: for example 0.6.',
    );
  for (const line of reportLines({ load, machine, prices, need: sizeOf(load, machine, constants) })) console.log(line);
  return 0;
});

function read(): (name: Name) => number {
  let values: Partial<Record<string, unknown>>;
  try {
    const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }]));
    ({ values } = parseArgs({ options }));
  } catch {
    throw new StartError(`npm run size -- ${NAMES.map((name) => `--${name} ${DEFAULTS[name]}`).join(' ')}`);
  }
  return (name) => {
    const value = Number(values[name] ?? DEFAULTS[name]);
    if (Number.isFinite(value) && value > 0) return value;
    throw new StartError(`--${name} must be a number above 0.`);
  };
}
