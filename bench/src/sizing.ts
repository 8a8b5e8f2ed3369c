/**
 * node bench/src/sizing.ts [--write]   (from the root of the repository; about four minutes)
 *
 * Measures what one token costs a sidecar and Redis: to write the token, to deliver it to one reader, and to follow it. A token is
 * followed when a sidecar that does not own the stream gets the token from Redis for its own readers. Prints the table "Constants for
 * sizing" of docs/benchmarks.md, which `npm run size` reads. `--write` also puts the table into docs/benchmarks.md. Then measures two
 * other loads, one with one sidecar and one with two, and compares the results with what `npm run size` predicts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cores } from '../../scripts/size/sizing.ts';
import { constantsIn, type Constants } from '../../scripts/size/constants.ts';
import { launchSidecar, startStream, token, type RunningSidecar } from './adapters/rejoin.ts';
import { cpuUs, RedisProbe, rssKb } from './probe.ts';
import { startRedis } from './processes.ts';
import { inParallel } from './scenarios/common.ts';

const { values: args } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const WINDOW_MS = 8000;
const RATE = 50;
const CHARS = 20;

interface Point {
  streams: number;
  readers: number;
  sidecars: number;
  /** Where readers connect. `other`: to a sidecar that is not the owner of the stream. `any`: the readers are spread over all sidecars. */
  at: 'owner' | 'other' | 'any';
}

interface Measured {
  tokens: number;
  sidecarCores: number;
  redisCores: number;
  sidecarMb: number;
  redisInBytes: number;
  redisOutBytes: number;
  readerBytes: number;
  redisMemory: number;
  idleMb: number;
}

async function measure({ streams, readers, sidecars, at }: Point): Promise<Measured> {
  const redis = await startRedis(true);
  const probe = await new RedisProbe(redis.url).open();
  const running = await Promise.all(Array.from({ length: sidecars }, () => launchSidecar(redis.url, undefined)));
  const idleKb = running.reduce((sum, { pid }) => sum + rssKb(pid), 0);
  let readerBytes = 0;
  const requests: http.ClientRequest[] = [];
  const seconds = 20 + WINDOW_MS / 1000;
  const modelId = `synthetic/${RATE * seconds}x${CHARS}@${RATE}`;
  const spec = { model: 'synthetic' as const, params: { chunks: 1, chunkChars: CHARS, ratePerSec: RATE } };
  const all = Array.from({ length: streams }, (_, i) => i);
  let opened = 0;
  await inParallel(all, 16, async (i) => {
    const owner = running[i % sidecars]!;
    const deployment = { startUrl: owner.url, readUrl: owner.url, serverPids: [], appPids: [], stop: async () => {} };
    const [person, streamId] = (await startStream(deployment, spec, modelId)).split('/') as [string, string];
    // With 1.2 readers per stream, the first 20 of every 100 streams have a second reader.
    const count = Math.floor(readers) + (i % 100 < Math.round((readers % 1) * 100) ? 1 : 0);
    for (let n = 0; n < count; n++) {
      const there =
        at === 'owner' ? owner : at === 'other' ? running[(i + 1) % sidecars]! : running[opened++ % sidecars]!;
      requests.push(read(there, person, streamId, (bytes) => void (readerBytes += bytes)));
    }
  });
  await sleep(3000);
  const costs = async () => ({
    at: performance.now(),
    sidecar: running.reduce((sum, { pid }) => sum + cpuUs(pid), 0),
    redis: await probe.read(),
    net: await probe.network(),
    readerBytes,
  });
  const before = await costs();
  await sleep(WINDOW_MS);
  const after = await costs();
  const us = (after.at - before.at) * 1000;
  const sidecarKb = running.reduce((sum, { pid }) => sum + rssKb(pid), 0);
  for (const request of requests) request.destroy();
  probe.close();
  await Promise.all(running.map((one) => one.stop()));
  await redis.stop();
  const measured = {
    tokens: (streams * RATE * us) / 1e6,
    sidecarCores: (after.sidecar - before.sidecar) / us,
    redisCores: (after.redis.cpuUs - before.redis.cpuUs) / us,
    sidecarMb: (sidecarKb - idleKb) / 1024,
    idleMb: idleKb / sidecars / 1024,
    redisInBytes: after.net.input - before.net.input,
    redisOutBytes: after.net.output - before.net.output,
    readerBytes: after.readerBytes - before.readerBytes,
    redisMemory: after.redis.usedMemory - before.redis.usedMemory,
  };
  const { sidecarCores, redisCores } = measured;
  console.log(
    `${sidecars} sidecar(s), ${streams} streams, ${readers} readers (${at}): ` +
      `sidecars ${sidecarCores.toFixed(3)} cores, Redis ${redisCores.toFixed(3)} cores`,
  );
  return measured;
}

function read({ url }: RunningSidecar, person: string, streamId: string, take: (bytes: number) => void) {
  const headers = { authorization: `Bearer ${token(person)}`, accept: 'text/event-stream' };
  const request = http.get(`${url}/streams/${streamId}/events`, { headers, agent: false }, (response) => {
    response.on('data', (piece: Buffer) => take(piece.length));
    response.on('error', () => {});
  });
  return request.on('error', () => {});
}

/**
 * Measures how many bytes of Redis's memory an ended answer takes, for short and for long answers. From the two results, computes
 * the bytes per token and the bytes that each answer takes in addition.
 */
async function answerMemory(): Promise<{ perAnswer: number; perToken: number }> {
  const redis = await startRedis(true);
  const probe = await new RedisProbe(redis.url).open();
  const sidecar = await launchSidecar(redis.url, undefined);
  const deployment = { startUrl: sidecar.url, readUrl: sidecar.url, serverPids: [], appPids: [], stop: async () => {} };
  const used: number[] = [];
  const ANSWERS = 200;
  const TOKENS = [50, 550];
  for (const tokens of TOKENS) {
    const before = (await probe.read()).usedMemory;
    const spec = { model: 'synthetic' as const, params: { chunks: tokens, chunkChars: CHARS, ratePerSec: 250 } };
    await inParallel(Array.from({ length: ANSWERS }), 50, async () => void (await startStream(deployment, spec)));
    await sleep((tokens / 250) * 1000 + 3000);
    used.push(((await probe.read()).usedMemory - before) / ANSWERS);
  }
  probe.close();
  await sidecar.stop();
  await redis.stop();
  const perToken = (used[1]! - used[0]!) / (TOKENS[1]! - TOKENS[0]!);
  return { perToken, perAnswer: used[0]! - TOKENS[0]! * perToken };
}

const few = await measure({ streams: 200, readers: 1, sidecars: 1, at: 'owner' });
const many = await measure({ streams: 600, readers: 1, sidecars: 1, at: 'owner' });
const read3 = await measure({ streams: 600, readers: 3, sidecars: 1, at: 'owner' });
// The next two runs have the same load and two sidecars. In the first run, readers connect to the owner of their stream. In the
// second run, they connect to the other sidecar. The difference is the cost of following.
const near = await measure({ streams: 400, readers: 1, sidecars: 2, at: 'owner' });
const followed = await measure({ streams: 400, readers: 1, sidecars: 2, at: 'other' });
// With this few streams, nearly every token is stored by a separate call.
const alone = await measure({ streams: 40, readers: 1, sidecars: 1, at: 'owner' });
const memory = await answerMemory();

const perSecond = (streams: number) => (streams * RATE) / 1e6;
const perDelivery = (read3.sidecarCores - many.sidecarCores) / (2 * perSecond(600));
const both = (many.sidecarCores - few.sidecarCores) / (perSecond(600) - perSecond(200));
const sidecarBase = Math.max(0, few.sidecarCores - both * perSecond(200));
const redisPerToken = (many.redisCores - few.redisCores) / (perSecond(600) - perSecond(200));
const redisBase = Math.max(0, few.redisCores - redisPerToken * perSecond(200));
const constants: Constants = {
  sidecar_base_cores: sidecarBase,
  sidecar_us_per_token: both - perDelivery,
  sidecar_us_per_delivery: perDelivery,
  sidecar_us_per_followed_token: Math.max(0, (followed.sidecarCores - near.sidecarCores) / perSecond(400)),
  sidecar_idle_mb: many.idleMb,
  sidecar_kb_per_stream: (many.sidecarMb * 1024) / 600,
  redis_base_cores: redisBase,
  redis_us_per_call: alone.redisCores / perSecond(40),
  redis_us_per_token: redisPerToken,
  redis_us_per_followed_token: Math.max(0, (followed.redisCores - near.redisCores) / perSecond(400)),
  redis_in_bytes_per_token: many.redisInBytes / many.tokens,
  redis_out_bytes_per_followed_token: (followed.redisOutBytes - near.redisOutBytes) / followed.tokens,
  reader_bytes_per_token: many.readerBytes / many.tokens,
  redis_memory_bytes_per_token: memory.perToken,
  redis_memory_bytes_per_answer: memory.perAnswer,
};
const table = ['| constant | value |', '|---|---:|']
  .concat(Object.entries(constants).map(([name, value]) => `| \`${name}\` | ${Number(value.toPrecision(3))} |`))
  .join('\n');
console.log(`\n${table}\n`);

const FILE = 'docs/benchmarks.md';
if (args.write) {
  const text = readFileSync(FILE, 'utf8');
  const OLD = /\| constant \| value \|\n[\s\S]*?(?=\n\n)/;
  if (!OLD.test(text)) throw new Error(`${FILE} has no table of constants`);
  writeFileSync(FILE, text.replace(OLD, table));
}

const used = args.write ? constantsIn(readFileSync(FILE, 'utf8')) : constants;
console.log('| load, 1.2 readers at any sidecar | measured | npm run size | difference |\n|---|---:|---:|---:|');
// These loads do not keep the cores of a two-core machine fully busy. On a fully busy machine, servers handle more tokens in one
// step, so a token costs less CPU than `npm run size` predicts.
for (const [sidecars, streams] of [
  [1, 400],
  [2, 500],
] as const) {
  const point: Point = { streams, readers: 1.2, sidecars, at: 'any' };
  const measured = await measure(point);
  const load = { streams: point.streams, tokensPerSecond: RATE, readers: 1.2, minutes: 2, keptMinutes: 60 };
  const expected = cores(load, { sidecars }, used);
  for (const [what, is, says] of [
    ['sidecars', measured.sidecarCores, expected.sidecar],
    ['Redis', measured.redisCores, expected.redis],
  ] as const) {
    const difference = Math.round((says / is - 1) * 100);
    const row = `${sidecars} sidecar(s), ${point.streams} streams: ${what}`;
    console.log(`| ${row} | ${is.toFixed(3)} cores | ${says.toFixed(3)} cores | ${difference} % |`);
  }
}
