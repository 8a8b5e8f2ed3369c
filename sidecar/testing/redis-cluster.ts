import { createClient } from 'redis';
import { startRedis, type TestRedis } from '../../scripts/testing/redis.ts';
import { eventually } from './eventually.ts';

const SLOTS = 16_384;
const NODES = 3;

/** A real Redis Cluster of three masters, each a process of its own. */
export interface TestCluster {
  /** For `REDIS_CLUSTER_NODES`. */
  addresses: string;
  nodes: TestRedis[];
  stop(): Promise<void>;
}

export async function startRedisCluster(): Promise<TestCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const nodes = await Promise.all(Array.from({ length: NODES }, () => startRedis({ args })));
  await Promise.all(
    nodes.map((node, i) =>
      tell(node, async (client) => {
        const first = Math.floor((i * SLOTS) / NODES);
        const last = Math.floor(((i + 1) * SLOTS) / NODES) - 1;
        await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(first), String(last)]);
        await client.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(nodes[0]!.port)]);
      }),
    ),
  );
  for (const node of nodes) {
    await eventually('the cluster is whole', () => tell(node, isWhole), { withinMs: 20_000 });
  }
  return {
    addresses: nodes.map(({ port }) => `127.0.0.1:${port}`).join(','),
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

const createFor = (url: string) => createClient({ url });
type Client = ReturnType<typeof createFor>;

async function isWhole(client: Client): Promise<boolean> {
  const info = String(await client.sendCommand(['CLUSTER', 'INFO']));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NODES}`);
}

async function tell<T>(node: TestRedis, say: (client: Client) => Promise<T>): Promise<T> {
  const client = createFor(node.url);
  client.on('error', () => {
    /* the command that fails says so */
  });
  await client.connect();
  try {
    return await say(client);
  } finally {
    client.destroy();
  }
}
