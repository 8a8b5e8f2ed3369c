import { createClient } from 'redis';
import { pause } from '../scripts/wait.ts';
import type { Cluster } from './cluster.ts';
import { placeOf, type Fault, type FaultKind } from './faults.ts';

/** How long a drain may take at the most: what it waits for, what it hands over, and a Redis that is away meanwhile. */
const DRAINED_WITHIN_MS = 20_000;

/** Between two faults in one place, so that it is not simply away all the time. */
const REST_MS = 3000;

export interface Injection {
  /** How many of each kind were done. */
  counts: Map<FaultKind, number>;
  /** What a fault showed by itself. */
  problems: string[];
}

/**
 * Breaks the cluster by plan, and resolves when everything is whole again. Faults in one place wait for each other,
 * those in different places overlap as they come. Aborted: the rest of the plan is left out.
 */
export async function injectFaults({
  cluster,
  faults,
  signal,
  onFault,
}: {
  cluster: Cluster;
  faults: readonly Fault[];
  signal: AbortSignal;
  onFault(fault: Fault): void;
}): Promise<Injection> {
  const counts: Injection['counts'] = new Map();
  const problems: string[] = [];
  const places = new Map<string, Promise<void>>();
  const startedAt = performance.now();

  for (const fault of faults) {
    await pause(fault.atMs - (performance.now() - startedAt), signal);
    if (signal.aborted) break;
    const place = placeOf(fault);
    const turn = (places.get(place) ?? Promise.resolve()).then(async () => {
      if (signal.aborted) return;
      onFault(fault);
      counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
      await inject(cluster, fault, problems).catch((error: unknown) => {
        problems.push(`${fault.kind}, ${placeOf(fault)}: ${error instanceof Error ? error.message : String(error)}`);
      });
      await pause(REST_MS, signal);
    });
    places.set(place, turn);
  }
  await Promise.all(places.values());
  return { counts, problems };
}

async function inject(cluster: Cluster, { kind, sidecar: index, forMs }: Fault, problems: string[]): Promise<void> {
  const { redis } = cluster;
  const { name, process, network } = cluster.sidecars[index]!;
  switch (kind) {
    case 'sidecar killed':
      if (!process.isRunning) problems.push(`${name} did not run any more`);
      await process.kill('SIGKILL');
      await pause(forMs);
      return process.restart();
    case 'sidecar drained': {
      const ended = process.kill('SIGTERM').then(() => true);
      if (!(await Promise.race([ended, pause(DRAINED_WITHIN_MS).then(() => false)])))
        problems.push(`${name} was not drained within ${DRAINED_WITHIN_MS} ms`);
      else if ((await process.ended()) !== 0)
        problems.push(`${name} ended with ${await process.ended()} after a drain`);
      await pause(forMs);
      return process.restart();
    }
    case 'sidecar frozen':
    case 'sidecar frozen, shortly':
      process.freeze();
      await pause(forMs);
      return process.thaw();
    case 'connections reset':
      return network.cut();
    case 'replies lost':
      network.toClient = 'lose';
      await pause(forMs);
      network.cut(); // What comes after a gap in the replies would be taken for the answer to something else.
      network.toClient = 'pass';
      return;
    case 'requests held':
      network.toTarget = 'hold';
      await pause(forMs);
      network.toTarget = 'pass';
      return;
    case 'replies held':
      network.toClient = 'hold';
      await pause(forMs);
      network.toClient = 'pass';
      return;
    case 'cut off from Redis':
      network.refuse();
      network.cut();
      await pause(forMs);
      return network.accept();
    case 'slow network':
      network.delayMs = 40;
      await pause(forMs);
      network.delayMs = 0;
      return;
    case 'Redis killed':
      await redis.kill('SIGKILL');
      await pause(forMs);
      return redis.restart();
    case 'Redis frozen':
      redis.freeze();
      await pause(forMs);
      return redis.thaw();
    case 'Redis emptied':
      return tell(redis.url, ['FLUSHALL']);
    case 'Redis set back':
      await tell(redis.url, ['SAVE']);
      await pause(forMs);
      await redis.kill('SIGKILL');
      return redis.restart();
  }
}

async function tell(url: string, command: string[]): Promise<void> {
  const client = createClient({ url });
  client.on('error', () => {
    /* `connect` and the command say it too */
  });
  await client.connect();
  try {
    await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
