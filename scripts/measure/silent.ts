import http from 'node:http';
import { cpuUs, RedisProbe, redisDelta, rssKb } from '../../bench/src/probe.ts';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { openTestBed } from '../../testing/test-bed.ts';
import { pause } from '../shared/wait.ts';

/**
 * Measures what answers cost while their models think: no token comes, only leases are renewed and readers get heartbeats.
 *
 *     node scripts/measure/silent.ts [streams] [seconds of each measurement]
 *
 * Starts a sidecar and a Redis server with an append-only file. Prints the CPU time of the sidecar and of Redis, three times:
 * without streams, with the streams, and with one reader of each stream.
 */
const [streams = 10_000, seconds = 60] = process.argv.slice(2).map(Number);
const MODEL = 'synthetic/10x20@10?startDelayMs=86000000';
const AT_ONCE = 32;
const HEARTBEAT = ':';

const bed = await openTestBed({
  redisArgs: ['--appendonly', 'yes'],
  env: { LEASE_MS: '5000', FIRST_TOKEN_TIMEOUT_MS: '86400000', ANSWER_TIMEOUT_MS: '86400000', LOG_LEVEL: 'warn' },
});
const sidecar = await bed.spawn();
const probe = await new RedisProbe(bed.redis.url).open();
const requests: http.ClientRequest[] = [];
let heartbeats = 0;
try {
  await measure('no stream');
  const readers = Array.from({ length: streams }, (_, i) => i);
  const started: { caller: Caller; streamId: string }[] = [];
  await atOnce(readers, async () => {
    const caller = await createCaller(sidecar);
    started.push({ caller, streamId: await caller.startStream({ modelId: MODEL }) });
  });
  await pause(10_000);
  await measure(`${streams} streams without a token`);
  await atOnce(started, ({ caller, streamId }) => openReader(caller, streamId));
  await pause(10_000);
  heartbeats = 0;
  await measure(`the same, each with a reader`);
  console.log(`heartbeats: ${((heartbeats / seconds / streams) * 60).toFixed(1)} per reader and minute`);
} finally {
  for (const request of requests) request.destroy();
  probe.close();
  await bed.close();
}

async function measure(what: string): Promise<void> {
  const [cpuBefore, redisBefore] = [cpuUs(sidecar.pid), await probe.read()];
  await pause(seconds * 1000);
  const redis = redisDelta(redisBefore, await probe.read());
  const share = (us: number) => `${(us / seconds / 10_000).toFixed(2)} %`;
  console.log(
    `${what}: sidecar ${share(cpuUs(sidecar.pid) - cpuBefore)} of a core, ${Math.round(rssKb(sidecar.pid) / 1024)} MB; ` +
      `Redis ${share(redis.cpuUs)}, ${(redis.commands / seconds).toFixed(0)} commands/s, ${Math.round(redis.usedMemory / 2 ** 20)} MB`,
  );
  const most = Object.entries(redis.byCommand).sort(([, a], [, b]) => b - a);
  console.log(
    `  ${most
      .slice(0, 8)
      .map(([name, calls]) => `${name} ${(calls / seconds).toFixed(0)}`)
      .join(', ')} a second`,
  );
}

function openReader({ url, token }: Caller, streamId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const request = http.get(`${url}/streams/${streamId}/events`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`a reader got status ${response.statusCode}`));
      response.setEncoding('utf8');
      response.on(
        'data',
        (text: string) => (heartbeats += text.split('\n').filter((l) => l.startsWith(HEARTBEAT)).length),
      );
      response.on('error', () => {});
      resolve();
    });
    requests.push(request.on('error', reject));
  });
}

async function atOnce<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of queue) await run(item);
    }),
  );
}
