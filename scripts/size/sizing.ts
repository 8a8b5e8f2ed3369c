import type { Constants } from './constants.ts';

export interface Load {
  /** Number of answers that are written at the same time. */
  streams: number;
  tokensPerSecond: number;
  /** Average number of readers of each stream. */
  readers: number;
  /** Time from the beginning of an answer to its end. */
  minutes: number;
  /** How long Redis keeps an answer that has ended: `STREAM_TTL_SECONDS`. */
  keptMinutes: number;
}

/** The machine of one sidecar or of one Redis master. */
export interface Machine {
  /** The share of a core, of the network and of the memory of Redis that may be used. A sidecar and a Redis master have one core each. */
  busyShare: number;
  sidecarMemoryMb: number;
  redisMemoryGb: number;
  networkGbit: number;
  /** `MAX_STREAMS`: streams that one sidecar writes. */
  maxStreams: number;
}

export interface Need {
  /** The number of sidecars that each resource requires, the largest number first. The first resource in the list runs out first. */
  sidecars: Resource[];
  /** The same for Redis masters. */
  masters: Resource[];
  sidecarCores: number;
  sidecarMemoryGb: number;
  redisCores: number;
  redisMemoryGb: number;
  /** To readers, in Gbit/s. */
  readerTraffic: number;
  /** Between sidecars and Redis, in Gbit/s. */
  redisTraffic: number;
  answersPerSecond: number;
}

export interface Resource {
  name: string;
  /** How many servers this resource alone requires. Not rounded. */
  servers: number;
}

const GBIT = 1e9 / 8;

/**
 * How many cores a load keeps busy: in all sidecars together, and in all Redis masters together. `masters: 0` leaves out the base costs
 * of Redis.
 */
export function cores(
  load: Load,
  { sidecars, masters = 1 }: { sidecars: number; masters?: number },
  constants: Constants,
): { sidecar: number; redis: number } {
  const tokens = load.streams * load.tokensPerSecond;
  const followed = tokens * followersOf(load, sidecars);
  const us =
    tokens * constants.sidecar_us_per_token +
    tokens * load.readers * constants.sidecar_us_per_delivery +
    followed * constants.sidecar_us_per_followed_token;
  const redisUs = tokens * constants.redis_us_per_token + followed * constants.redis_us_per_followed_token;
  return {
    sidecar: sidecars * constants.sidecar_base_cores + us / 1e6,
    redis: Math.min(sidecars * masters * constants.redis_base_cores, allCalls(tokens, constants)) + redisUs / 1e6,
  };
}

/**
 * The upper limit of the sum of all base costs in Redis, in cores. `redis_base_cores` is the cost of the calls that one sidecar makes to
 * one master, without the cost of the tokens in these calls. Each call stores at least one token, so there are never more calls than
 * tokens.
 */
const allCalls = (tokens: number, constants: Constants): number => (tokens * constants.redis_us_per_call) / 1e6;

/**
 * How many sidecars follow each stream, on average. A sidecar with one or more readers of a stream follows this stream once, unless
 * the sidecar writes the stream itself. Each reader is connected to a random sidecar.
 */
function followersOf({ readers }: Load, sidecars: number): number {
  const others = sidecars - 1;
  return others * (1 - (1 - 1 / sidecars) ** readers);
}

export function sizeOf(load: Load, machine: Machine, constants: Constants): Need {
  const { streams, tokensPerSecond, readers, minutes, keptMinutes } = load;
  const tokens = streams * tokensPerSecond;
  const answersPerSecond = streams / (minutes * 60);
  const perAnswer =
    constants.redis_memory_bytes_per_answer + tokensPerSecond * minutes * 60 * constants.redis_memory_bytes_per_token;
  // An answer that is being written has half of its tokens, on average.
  const redisBytes = perAnswer * (streams / 2 + answersPerSecond * keptMinutes * 60);
  const readerBytes = tokens * readers * constants.reader_bytes_per_token;

  // With more sidecars, more streams are followed, which needs more CPU. So the loop adds sidecars until there are enough.
  let sidecars = 1;
  let need: Resource[] = [];
  for (let rounds = 0; rounds < 100; rounds++) {
    const { sidecar } = cores(load, { sidecars }, constants);
    const usable = machine.busyShare - constants.sidecar_base_cores;
    const memoryMb = machine.sidecarMemoryMb - constants.sidecar_idle_mb;
    const work = sidecar - sidecars * constants.sidecar_base_cores;
    need = byNeed([
      { name: 'CPU of the sidecars', servers: work / usable },
      { name: 'MAX_STREAMS of a sidecar', servers: streams / machine.maxStreams },
      { name: 'memory of the sidecars', servers: (streams * constants.sidecar_kb_per_stream) / 1024 / memoryMb },
      { name: 'network of the sidecars', servers: readerBytes / (machine.networkGbit * GBIT * machine.busyShare) },
    ]);
    const wanted = Math.max(1, Math.ceil(need[0]!.servers));
    if (wanted <= sidecars) break;
    sidecars = wanted;
  }

  const followed = tokens * followersOf(load, sidecars);
  const calls = allCalls(tokens, constants);
  const redis = cores(load, { sidecars, masters: 0 }, constants).redis;
  const usable = machine.busyShare - sidecars * constants.redis_base_cores;
  const redisTraffic =
    tokens * constants.redis_in_bytes_per_token + followed * constants.redis_out_bytes_per_followed_token;
  const masters = byNeed([
    {
      name: 'CPU of Redis',
      servers: Math.min((redis + calls) / machine.busyShare, usable > 0 ? redis / usable : Infinity),
    },
    { name: 'memory of Redis', servers: redisBytes / (machine.redisMemoryGb * 1024 ** 3 * machine.busyShare) },
    { name: 'network of Redis', servers: redisTraffic / (machine.networkGbit * GBIT * machine.busyShare) },
  ]);
  return {
    sidecars: need,
    masters,
    sidecarCores: cores(load, { sidecars }, constants).sidecar,
    sidecarMemoryGb: (sidecars * constants.sidecar_idle_mb + (streams * constants.sidecar_kb_per_stream) / 1024) / 1024,
    redisCores: cores(load, { sidecars, masters: countOf(masters) }, constants).redis,
    redisMemoryGb: redisBytes / 1024 ** 3,
    readerTraffic: readerBytes / GBIT,
    redisTraffic: redisTraffic / GBIT,
    answersPerSecond,
  };
}

const byNeed = (resources: Resource[]): Resource[] => resources.sort((a, b) => b.servers - a.servers);

/** The number of servers that the first resource requires, rounded up. `resources` must be sorted as in {@link Need}. */
export const countOf = (resources: readonly Resource[]): number => Math.max(1, Math.ceil(resources[0]!.servers));
