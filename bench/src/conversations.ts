/**
 * node bench/src/conversations.ts [--foreign 300000]   (from the root of the repository)
 *
 * Measures the cost of four things: listing chats, starting a stream in a long chat, opening a large chat, and cleanups. Uses one
 * sidecar, and one Redis with an append-only file. Prints the rows of a Markdown table. The cost of Redis is its CPU time, from
 * INFO. `--foreign` is the number of chats of other people that Redis holds during the cleanups.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from 'redis';
import { launchSidecar, token } from './adapters/rejoin.ts';
import { RedisProbe, redisDelta } from './probe.ts';
import { startRedis } from './processes.ts';
import { inParallel, median } from './scenarios/common.ts';
import { readLatencies } from './stream-latency.ts';

const { values: args } = parseArgs({ options: { foreign: { type: 'string', default: '300000' } } });
const MIB = 1024 * 1024;
const STREAMS = 50;

const redis = await startRedis(true);
const probe = await new RedisProbe(redis.url).open();
const sidecar = await launchSidecar(redis.url, undefined, {
  MAX_REQUEST_BYTES: String(128 * MIB),
  MAX_BYTES_PER_USER: '0',
  MAX_CHATS_PER_USER: '0',
});
const db = createClient({ url: redis.url });
await db.connect();

interface Answer {
  status: number;
  text: string;
  ms: number;
}
async function call(person: string, method: string, path: string, body?: unknown, claims = {}): Promise<Answer> {
  const from = performance.now();
  const response = await fetch(sidecar.url + path, {
    method,
    headers: { authorization: `Bearer ${token(person, claims)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, ms: performance.now() - from };
}

async function start(
  person: string,
  chatId: string,
  messages: unknown[],
  modelId = 'synthetic/1x20@0',
): Promise<string> {
  const messageId = `a${randomBytes(8).toString('hex')}`;
  const { status, text } = await call(person, 'POST', '/streams', { chatId, messageId, modelId, messages });
  if (status !== 201) throw new Error(`the stream was not started: status ${status}, ${text.slice(0, 200)}`);
  return (JSON.parse(text) as { streamId: string }).streamId;
}
const question = (text: string, id = `q${randomBytes(8).toString('hex')}`) => ({ id, role: 'user', content: text });

/**
 * Makes one call to warm up, then `times` calls. Reports the median time of a call, the size of the largest response, and the cost of
 * Redis per call.
 */
async function measured(row: string, times: number, run: () => Promise<Answer>): Promise<void> {
  await run();
  const before = await probe.read();
  const answers: Answer[] = [];
  for (let i = 0; i < times; i++) answers.push(await run());
  const { cpuUs } = redisDelta(before, await probe.read());
  const failed = answers.find(({ status }) => status >= 300);
  if (failed) throw new Error(`${row}: ${failed.status} ${failed.text}`);
  const ms = median(answers.map((answer) => answer.ms)).toFixed(1);
  const bytes = Math.max(...answers.map(({ text }) => Buffer.byteLength(text)));
  report(row, `${ms} ms, ${(bytes / 1024).toFixed(1)} KB, Redis ${(cpuUs / times / 1000).toFixed(2)} ms`);
}
const report = (row: string, figures: string) => console.log(`| ${row} | ${figures} |`);

// Lists
for (const [person, count] of [
  ['lister', 2000],
  ['collector', 5000],
] as const) {
  const chats = Array.from({ length: count }, (_, i) => i);
  await inParallel(chats, 16, async (i) => void (await start(person, `c${i}`, [question(`The title of chat ${i}`)])));
  await measured(`a page of 50 of ${count} chats`, 20, () => call(person, 'GET', '/chats?limit=50'));
}

// Starting a stream in a chat with much history
const text = (kib: number) => randomBytes(kib * 768).toString('base64');
const turns = (count: number, kib: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `m${i}`, role: i % 2 ? 'assistant' : 'user', content: text(kib) }));
for (const [chatId, history] of [
  ['short', turns(2, 1)],
  ['long', turns(256, 4)],
] as const) {
  await ended('writer', await start('writer', chatId, [...history, question('First')]));
  const times: number[] = [];
  const STARTS = 10;
  const before = await probe.read();
  const bytesBefore = await inputBytes();
  for (let i = 0; i < STARTS; i++) {
    const from = performance.now();
    const streamId = await start('writer', chatId, [question('And then?')]);
    times.push(performance.now() - from);
    await ended('writer', streamId);
  }
  const { cpuUs } = redisDelta(before, await probe.read());
  const written = ((await inputBytes()) - bytesBefore) / STARTS;
  report(
    `a start in a chat ${chatId === 'long' ? 'of 1 MB' : 'of 2 KB'}, and its answer`,
    `${median(times).toFixed(1)} ms, ${(written / 1024).toFixed(1)} KB to Redis, Redis ${(cpuUs / STARTS / 1000).toFixed(2)} ms`,
  );
}
async function ended(person: string, streamId: string): Promise<void> {
  while (!(await call(person, 'GET', `/streams/${streamId}`)).text.includes('"completed"')) await sleep(10);
  await sleep(50); // for the sidecar to put the answer into its chat
}
async function inputBytes(): Promise<number> {
  return Number(/^total_net_input_bytes:(\d+)/m.exec(await db.info('stats'))![1]);
}

// A chat of 44 MB
await ended('opener', await start('opener', 'large', [...turns(600, 73), question('Large?')]));
await measured('opening a chat of 600 messages, 44 MB', 10, () => call('opener', 'GET', '/chats/large'));

// The same chat is opened by 40 requests at a time, while other people read their streams.
const ids = await Promise.all(
  Array.from({ length: STREAMS }, async (_, i) => {
    const person = `reader${i}`;
    return { person, streamId: await start(person, 'c', [question('Go')], 'synthetic/400x20@20') };
  }),
);
const phases = { calm: [] as number[], opened: [] as number[] };
let phase: keyof typeof phases = 'calm';
const reading = Promise.all(
  ids.map(({ person, streamId }) =>
    readLatencies({
      url: `${sidecar.url}/streams/${streamId}/events`,
      token: token(person),
      chunkChars: 20,
      onLatency: (ms) => void phases[phase].push(ms),
    }),
  ),
);
await sleep(8000);
phase = 'opened';
const opens: Answer[] = [];
const openUntil = performance.now() + 8000;
while (performance.now() < openUntil)
  opens.push(...(await Promise.all(Array.from({ length: 40 }, () => call('opener', 'GET', '/chats/large')))));
await reading;
const p99 = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)]!;
report(
  `… opened by 40 requests at a time, while other people read ${STREAMS} streams`,
  `${opens.length} opened, ${median(opens.map(({ ms }) => ms)).toFixed(0)} ms each; p99 of the streams ` +
    `${p99(phases.calm).toFixed(1)} → ${p99(phases.opened).toFixed(1)} ms`,
);

// Cleanups while Redis has many chats of other people
const foreign = Number(args.foreign);
const at = new Date().toISOString();
for (let i = 0; i < foreign; i += 1000) {
  await Promise.all(
    Array.from({ length: 1000 }, (_, n) =>
      db.hSet(`chat:foreign${i + n}:c`, {
        createdAt: at,
        updatedAt: at,
        title: 'A chat of others',
        format: '2',
        count: '0',
      }),
    ),
  );
}
await start('guest', 'c', [question('Mine')]);
await sleep(200);
await measured(`a person's own cleanup, with ${foreign} chats of other people in Redis`, 20, () =>
  call('guest', 'POST', '/cleanup', { action: 'expired' }),
);
const before = await probe.read();
const from = performance.now();
const seen = { requests: 0, scanned: 0 };
for (;;) {
  const { status, text: body } = await call('boss', 'POST', '/cleanup', { action: 'expired' }, { admin: true });
  if (status !== 200) throw new Error(`the cleanup was answered ${status}: ${body}`);
  const { scanned, more } = JSON.parse(body) as { scanned: number; more?: boolean };
  seen.requests += 1;
  seen.scanned += scanned;
  if (!more) break;
}
const wallMs = performance.now() - from;
const { cpuUs } = redisDelta(before, await probe.read());
report(
  "an administrator's cleanup for all people",
  `${(wallMs / 1000).toFixed(0)} s in ${seen.requests} requests, ${seen.scanned} streams, Redis ${(cpuUs / 1000).toFixed(0)} ms: ` +
    `${(cpuUs / wallMs / 10).toFixed(1)} % of a core`,
);

await db.close();
await probe.close();
await sidecar.stop();
await redis.stop();
