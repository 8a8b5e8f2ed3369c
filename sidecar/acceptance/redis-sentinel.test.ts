import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../scripts/launch/ports.ts';
import { startProcess, type TestProcess } from '../../testing/process.ts';
import { startRedis, type TestRedis } from '../../testing/start-redis.ts';
import { createCaller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { countDeltas } from '../../testing/whole-log.ts';

const REPLICATION = ['--repl-diskless-sync-delay', '0'];

let master: TestRedis;
let replica: TestRedis;
let sentinel: TestProcess;
let bed: TestBed;
let sidecar: TestSidecar;

beforeAll(async () => {
  master = await startRedis({ args: REPLICATION });
  replica = await startRedis({ args: [...REPLICATION, '--replicaof', '127.0.0.1', String(master.port)] });
  await eventually('the replica has caught up', async () => (await infoOf(replica)).includes('master_link_status:up'), {
    withinMs: 15_000,
  });
  const port = await freePort();
  sentinel = await startSentinel(port);
  bed = await openTestBed({ env: { REDIS_SENTINELS: `127.0.0.1:${port}`, LEASE_MS: '3000' } });
  sidecar = await bed.start();
}, 60_000);
afterAll(async () => {
  await bed.close();
  await sentinel.stop();
  await Promise.all([replica.stop(), master.stop()]);
});

test('after a failover that loses acknowledged bytes, a connected reader misses nothing, and a later one gets the same text', async () => {
  const caller = await createCaller(sidecar);
  const streamId = await caller.startStream({ modelId: 'synthetic/400x20@40' });
  const reader = followLoyally([caller], streamId);
  await eventually('some of the answer was read', () => countDeltas(reader.text, 20) > 60);
  const before = (await caller.state(streamId)).bytes;

  // Everything that Redis acknowledges while the replica is stopped is lost together with the master.
  replica.freeze();
  await withClient(master.url, (client) => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'replica']));
  await eventually('more was acknowledged', async () => (await caller.state(streamId)).bytes > before + 2000);
  const acknowledged = (await caller.state(streamId)).bytes;
  await master.kill();
  replica.thaw();
  // A replica that is being promoted may close the connection over which the test asks for its role.
  const roleOfReplica = () => infoOf(replica).catch(() => '');
  await eventually('the replica is the master', async () => (await roleOfReplica()).includes('role:master'), {
    withinMs: 20_000,
  });
  expect(await lengthOn(replica, streamId)).toBeLessThan(acknowledged);

  const seen = await reader.finished;
  expect(seen.resets).toBe(0);
  expect(countDeltas(seen.text, 20)).toBe(400);
  const late = await followLoyally([caller], streamId).finished;
  expect(late.text).toBe(seen.text);
  expect((await caller.state(streamId)).status).toBe('completed');
}, 60_000);

async function startSentinel(port: number): Promise<TestProcess> {
  const file = join(replica.dir, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${replica.dir}`,
    `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds mymaster 800',
    'sentinel failover-timeout mymaster 5000',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return startProcess({
    name: 'sentinel',
    command: 'redis-server',
    args: [file, '--sentinel'],
    ready: async () => {
      const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
      client.on('error', () => {
        /* the sentinel is not ready yet, and is asked again */
      });
      try {
        await client.connect();
        const known = await client.sendCommand(['SENTINEL', 'REPLICAS', 'mymaster']);
        return Array.isArray(known) && known.length === 1;
      } catch {
        return false;
      } finally {
        client.destroy();
      }
    },
  });
}

async function infoOf({ url }: TestRedis): Promise<string> {
  return withClient(url, (client) => client.info('replication'));
}

const lengthOn = ({ url }: TestRedis, streamId: string): Promise<number> =>
  withClient(url, (client) => client.strLen(`{stream:${streamId}}:log`));

async function withClient<T>(url: string, ask: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
  const client = createClient({ url });
  client.on('error', () => {
    /* the failed command rejects with this error */
  });
  await client.connect();
  try {
    return await ask(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}
