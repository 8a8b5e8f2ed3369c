/**
 * `node chaos/takeover-latency.ts --kills 30 [--lease 1500,5000]`
 *
 * Measures how long readers wait when the owner of their stream is killed: from the SIGKILL to the first frame of the next
 * owner. Each stream has two readers. One is connected to a sidecar that is not the owner. The other is connected to the owner,
 * loses the connection, and reconnects to the third sidecar.
 */
import { parseArgs } from 'node:util';
import { pause, until } from '../scripts/shared/wait.ts';
import { createClient, send, type Client } from './client.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { percentile } from './percentiles.ts';
import { createRandom, type Random } from './random.ts';
import { followFrames, type Follow } from './follow-frames.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '30' }, lease: { type: 'string', default: '1500,5000' } },
});
process.on('SIGINT', () => process.exit(130)); // the children are killed as this process exits

/** Fifty deltas per second, for longer than any takeover takes. */
const MODEL_ID = 'synthetic/6000x40@50';
const TAKEN_OVER_WITHIN_MS = 60_000;

for (const lease of values.lease.split(',')) {
  const waits = await measure({ leaseMs: Number(lease), kills: Number(values.kills) });
  console.log(`LEASE_MS=${lease}, ${values.kills} kills`);
  for (const [name, ms] of Object.entries(waits)) console.log(`  ${name.padEnd(52)} ${described(ms)}`);
}

function described(ms: readonly number[]): string {
  const [p50, p99, max] = [0.5, 0.99, 1].map((part) => `${percentile(ms, part).toFixed(0)} ms`);
  return `p50 ${p50}, p99 ${p99}, most ${max}`;
}

async function measure({ leaseMs, kills }: { leaseMs: number; kills: number }): Promise<Record<string, number[]>> {
  const cluster = await startCluster({ sidecars: 3, profile: 'durable', leaseMs });
  const elsewhere: number[] = [];
  const returning: number[] = [];
  try {
    const client = await createClient('user_1', cluster.sidecars);
    const random = createRandom(`takeover/${leaseMs}`);
    for (let kill = 0; kill < kills; kill++) {
      const waited = await killOnce({ cluster, client, random, leaseMs, chatId: `chat-${kill}` });
      elsewhere.push(waited.elsewhere);
      returning.push(waited.returning);
    }
  } finally {
    await cluster.stop();
  }
  return {
    'a reader at another sidecar': elsewhere,
    'a reader whose own sidecar died and who came back': returning,
  };
}

/**
 * Starts a stream at a random sidecar, and kills this sidecar after a random part of a lease. Resolves to the time that each of the
 * two readers waited.
 */
async function killOnce({
  cluster,
  client,
  random,
  leaseMs,
  chatId,
}: {
  cluster: Cluster;
  client: Client;
  random: Random;
  leaseMs: number;
  chatId: string;
}): Promise<{ elsewhere: number; returning: number }> {
  const first = random.int(0, cluster.sidecars.length - 1);
  const [owner, second, third] = [0, 1, 2].map((step) => cluster.sidecars[(first + step) % cluster.sidecars.length]!);
  const started = await send(owner!.url, {
    method: 'POST',
    path: '/streams',
    headers: client.headers,
    body: { chatId, messageId: 'answer', modelId: MODEL_ID, messages: [{ role: 'user', content: 'Go on.' }] },
  });
  const { streamId } = JSON.parse(started.body) as { streamId: string };
  const path = `/streams/${streamId}/events`;
  const readers: Follow[] = [
    followFrames({ urls: [second!.url], path, headers: client.headers }),
    followFrames({ urls: [owner!.url, third!.url], path, headers: client.headers }),
  ];
  try {
    await allBeyond(readers, 10, 'the stream did not begin');
    await pause(random.int(0, leaseMs));
    const epochs = readers.map((reader) => reader.epoch);
    const killedAt = performance.now();
    await owner!.process.kill('SIGKILL');
    const isTakenOver = () => readers.every((reader, at) => reader.epochSince(epochs[at]!) !== null);
    if (!(await until(isTakenOver, { everyMs: 5, signal: AbortSignal.timeout(TAKEN_OVER_WITHIN_MS) })))
      throw new Error('no sidecar took the stream over');
    const [elsewhere, returning] = readers.map((reader, at) => reader.epochSince(epochs[at]!)! - killedAt);
    return { elsewhere: elsewhere!, returning: returning! };
  } finally {
    for (const reader of readers) reader.stop();
    await client.ask({ method: 'DELETE', path: `/streams/${streamId}` }, { random, withinMs: TAKEN_OVER_WITHIN_MS });
    await owner!.process.restart();
    await pause(leaseMs); // The restarted sidecar may not have reached Redis yet.
  }
}

async function allBeyond(readers: readonly Follow[], frames: number, complaint: string): Promise<void> {
  const signal = AbortSignal.timeout(TAKEN_OVER_WITHIN_MS);
  if (!(await until(() => readers.every((reader) => reader.frames >= frames), { everyMs: 5, signal })))
    throw new Error(complaint);
}
