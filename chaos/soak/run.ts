import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createClient } from 'redis';
import { inRoot } from '../../scripts/shared/paths.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { startProcess } from '../../testing/process.ts';
import { startRedis } from '../../testing/start-redis.ts';
import { answersHttp, pause, until } from '../../scripts/shared/wait.ts';
import { NO_LIMITS } from '../../testing/no-limits.ts';
import { SECRET } from '../../testing/tokens.ts';
import { createRandom } from '../random.ts';
import { keepLoaded, type LoadFigures } from './load.ts';
import { createSampler, type Sample, type Sampled } from './sample.ts';
import { judge, sum, type Judged } from './verdict.ts';

export interface SoakOptions {
  minutes: number;
  streams: number;
  sidecars: number;
  signal: AbortSignal;
  say(line: string): void;
}

/** Ended streams disappear from Redis after this time, so that the number of keys becomes stable. */
const TTL_S = 60;
const SAMPLES = 40;
/** Share of the run that is not judged. In this time caches fill, code is compiled, and the first answers end. */
const WARM_UP = 0.35;
/** By this time the longest of the first answers has ended and expired. From then on, as many streams expire as are started. */
const LEVEL_AFTER_MS = (60 + TTL_S + 10) * 1000;
/** After the load, everything must have returned to its first value within TTL_S plus this time. */
const SETTLED_WITHIN_MS = 60_000;

/**
 * Starts sidecars, puts load on them, and checks whether anything grows. Writes docs/soak.md. Resolves to `true` if nothing grew,
 * nothing was left and the load had no problems.
 */
export async function runSoak({ minutes, streams, sidecars: count, signal, say }: SoakOptions): Promise<boolean> {
  const durationMs = minutes * 60_000;
  const warmUpMs = Math.max(WARM_UP * durationMs, LEVEL_AFTER_MS);
  if (durationMs - warmUpMs < (3 * durationMs) / SAMPLES)
    throw new Error('The run is too short for a trend. Use at least 3 minutes.');
  const started: { stop(): Promise<void> }[] = [];
  const closers: (() => void)[] = [];
  const failed = new AbortController();
  let loading: Promise<void> | undefined;
  try {
    const redis = await startRedis();
    started.push(redis);
    const db = createClient({ url: redis.url });
    db.on('error', () => {
      /* a sample that fails reports the error */
    });
    await db.connect();
    closers.push(() => db.destroy());
    const starting = await Promise.allSettled(Array.from({ length: count }, (_one, i) => startSidecar(i, redis.url)));
    const sidecars = starting.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    started.push(...sidecars.map(({ process }) => process));
    for (const start of starting) if (start.status === 'rejected') throw start.reason;
    const sampler = await createSampler({ sidecars, db: db as Parameters<typeof createSampler>[0]['db'] });
    closers.push(sampler.close);

    const over = AbortSignal.any([AbortSignal.timeout(durationMs), signal, failed.signal]);
    const figures: LoadFigures = { started: 0, ended: 0, connections: 0, bytes: 0, problems: [] };
    const before = await sampler.take(0);
    const startedAt = performance.now();
    const elapsed = () => performance.now() - startedAt;
    loading = keepLoaded({
      urls: sidecars.map(({ url }) => url),
      streams,
      random: createRandom('soak'),
      signal: over,
      figures,
    });
    const samples: Sample[] = [];
    while (!over.aborted) {
      await pause(durationMs / SAMPLES, over);
      if (over.aborted) break;
      samples.push(await sampler.take(elapsed()));
      say(rowOf(samples.at(-1)!));
    }
    await loading;
    say('the load is gone');

    const loaded = samples.filter(({ atMs }) => atMs >= warmUpMs);
    if (loaded.length < 3) throw new Error('The run was ended too early for a trend.');
    let after = await sampler.take(elapsed());
    const isBack = async () => {
      after = await sampler.take(elapsed());
      return judge({ before, loaded, after }).back.every(({ isFine }) => isFine);
    };
    await until(isBack, { everyMs: 2000, signal: AbortSignal.timeout(TTL_S * 1000 + SETTLED_WITHIN_MS) });
    const verdict = judge({ before, loaded, after });
    const isFlat = [...verdict.flat, ...verdict.back].every(({ isFine }) => isFine);
    const text = report({
      minutes: elapsed() / 60_000,
      streams,
      count,
      figures,
      before,
      samples,
      after,
      verdict,
      isFlat,
      warmUpMs,
    });
    say(text);
    writeFileSync(inRoot('docs/soak.md'), text);
    return isFlat && figures.problems.length === 0;
  } finally {
    // After an error the load still runs, and must end before its sidecars do.
    failed.abort();
    await loading?.catch(() => {
      /* the `try` block throws the error that ended the run */
    });
    for (const close of closers) close();
    for (const part of started.reverse()) await part.stop();
  }
}

async function startSidecar(index: number, redisUrl: string): Promise<Sampled> {
  const [port, inspectorPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const started = await startProcess({
    name: `sidecar ${index}`,
    command: process.execPath,
    args: [`--inspect=127.0.0.1:${inspectorPort}`, inRoot('sidecar/main.ts')],
    env: {
      ...NO_LIMITS,
      HOST: '127.0.0.1',
      SIDECAR_PORT: String(port),
      SIDECAR_SECRET: SECRET,
      REDIS_URL: redisUrl,
      REDIS_CLUSTER_NODES: '',
      SYNTHETIC_MODEL: '1',
      STREAM_TTL_SECONDS: String(TTL_S),
      CHAT_TTL_SECONDS: String(TTL_S),
      CLEANUP_INTERVAL_MS: '10000',
      LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
    },
    ready: () => answersHttp(`${url}/healthz`),
  });
  return { url, process: started, inspectorPort };
}

const HEAD = [
  '| Minute | Streams | Readers | Heap after GC | Buffers | RSS | Sockets | Descriptors | Timers | Listeners | Redis keys | Clients | Redis memory |',
  '| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
];
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function rowOf(sample: Sample): string {
  const cells = [
    (sample.atMs / 60_000).toFixed(1),
    sum(sample, 'generations'),
    sum(sample, 'readers'),
    megabytes(sum(sample, 'heapBytes')),
    megabytes(sum(sample, 'externalBytes')),
    megabytes(sum(sample, 'rssBytes')),
    sum(sample, 'sockets'),
    sum(sample, 'descriptors'),
    sum(sample, 'timers'),
    sum(sample, 'listeners'),
    sample.keys,
    sample.clients,
    megabytes(sample.redisBytes),
  ];
  return `| ${cells.join(' | ')} |`;
}

function report({
  minutes,
  streams,
  count,
  figures,
  before,
  samples,
  after,
  verdict,
  isFlat,
  warmUpMs,
}: {
  minutes: number;
  streams: number;
  count: number;
  figures: LoadFigures;
  before: Sample;
  samples: readonly Sample[];
  after: Sample;
  verdict: { flat: Judged[]; back: Judged[] };
  isFlat: boolean;
  warmUpMs: number;
}): string {
  const { started, ended, connections, bytes, problems } = figures;
  const judged = ({ name, from, to, allowed, isFine: fine }: Judged) => {
    const [a, b, c] = [from, to, allowed].map((value) => (value >= 1e6 ? megabytes(value) : value.toFixed(0)));
    return `| ${name} | ${a} | ${b} | ${c} | ${fine ? 'yes' : '**no**'} |`;
  };
  return [
    '# Soak',
    '',
    `Written by \`npm run soak\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}) shared by load, sidecars and Redis.`,
    '',
    `${streams} streams at 20 chunks per second over ${count} sidecars for ${minutes.toFixed(1)} minutes (including the time to settle). Each stream had two readers that came and went.`,
    `${started} streams were started and ${ended} ended. Readers opened ${connections} connections and read ${megabytes(bytes)}. A frame that did not begin where the one before had ended counts as a problem.`,
    '',
    `**${isFlat ? 'Nothing grew, and nothing was left.' : 'Something grew, or was left.'}** Problems of the load: ${problems.length}.`,
    ...[...new Set(problems)].slice(0, 20).map((problem) => `- ${problem}`),
    '',
    `Sums over the sidecars. The first row is before the load, the last one after it. Other Redis keys (counts for operators): ${before.otherKeys} before, ${after.otherKeys} after.`,
    '',
    ...HEAD,
    ...[before, ...samples, after].map(rowOf),
    '',
    `Under load, after the first ${(warmUpMs / 60_000).toFixed(1)} minutes: the beginning and the end of the least-squares line.`,
    '',
    '| Figure | From | To | May grow by | Flat |',
    '| :-- | --: | --: | --: | :-- |',
    ...verdict.flat.map(judged),
    '',
    'After the load, compared with before.',
    '',
    '| Figure | Before | After | May be larger by | Back |',
    '| :-- | --: | --: | --: | :-- |',
    ...verdict.back.map(judged),
    '',
  ].join('\n');
}
