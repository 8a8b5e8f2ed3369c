import { countOf, type Load, type Machine, type Need } from './sizing.ts';

export interface Prices {
  coreHour: number;
  gbHour: number;
  gbTraffic: number;
}

export function reportLines({
  load,
  machine,
  prices,
  need,
}: {
  load: Load;
  machine: Machine;
  prices: Prices;
  need: Need;
}): string[] {
  const sidecars = countOf(need.sidecars);
  const masters = countOf(need.masters);
  const { streams, tokensPerSecond, readers, minutes, keptMinutes } = load;
  const redisCores = Math.max(need.redisCores, masters);
  const hourly =
    (sidecars + redisCores) * prices.coreHour +
    (need.sidecarMemoryGb + need.redisMemoryGb) * prices.gbHour +
    (need.readerTraffic / 8) * 3600 * prices.gbTraffic;
  const perMillion = (hourly / (need.answersPerSecond * 3600)) * 1e6;
  const first = [...need.sidecars, ...need.masters].sort((a, b) => b.servers - a.servers);
  return [
    `${text(streams)} answers at a time, each with ${tokensPerSecond} tokens/s and ${readers} readers, ${minutes} min long, kept ${keptMinutes} min`,
    `${text(need.answersPerSecond)} answers/s, ${text(streams * tokensPerSecond)} tokens/s`,
    '',
    `sidecars       ${text(sidecars)}, one core each (${text(need.sidecarCores)} cores busy), ${text(need.sidecarMemoryGb)} GB together`,
    `Redis masters  ${text(masters)} (${text(need.redisCores)} cores busy), ${text(need.redisMemoryGb)} GB together`,
    `network        ${text(need.readerTraffic)} Gbit/s to readers, ${text(need.redisTraffic)} Gbit/s with Redis`,
    `cost           $${text(perMillion)} a million answers ($${prices.coreHour} a core hour, $${prices.gbHour} a GB hour, $${prices.gbTraffic} a GB to readers)`,
    '',
    `What breaks first: how many servers each resource alone requires (CPU, network and the memory of Redis used up to ${Math.round(machine.busyShare * 100)} %):`,
    ...first.map(({ name, servers }) => `  ${name.padEnd(26)} ${text(servers)}`),
  ];
}

/** A whole number from 100 on, otherwise three significant digits, because the measured costs are not more exact. */
const text = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
