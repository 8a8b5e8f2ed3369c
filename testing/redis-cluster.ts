import { createClient } from 'redis';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { freePort } from '../scripts/launch/ports.ts';
import { startRedis, type TestRedis } from './start-redis.ts';
import { pause } from '../scripts/shared/wait.ts';
import { eventually } from './eventually.ts';

const SLOTS = 16_384;
const MASTERS = 3;

/** A real Redis Cluster. Each node is a process; the first three begin as masters. */
export interface TestCluster {
  /** Value for `REDIS_CLUSTER_NODES`. */
  addresses: string;
  nodes: ClusterMember[];
  /** The nodes that are masters now, in the order of `nodes`. */
  masters(): Promise<ClusterMember[]>;
  /** The replicas that are connected to this master. */
  replicasOf(master: ClusterMember): Promise<ClusterMember[]>;
  /** The master of a slot. */
  ownerOf(slot: number): Promise<ClusterMember>;
  /** Resolves when every node sees a complete cluster with a master for every slot. */
  untilWhole(options?: { withinMs?: number }): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterMember {
  name: string;
  redis: TestRedis;
  /** The proxy in front of this node, through which sidecars and replicas reach the node. `null` without `hasNetworks`. */
  network: TcpProxy | null;
  id: string;
}

export interface TestClusterOptions {
  /** Number of replicas per master. */
  replicas?: number;
  /** Puts a proxy in front of each node. Sidecars and replicas connect to the proxy. */
  hasNetworks?: boolean;
  nodeTimeoutMs?: number;
  args?: string[];
}

export async function startRedisCluster({
  replicas = 0,
  hasNetworks = false,
  nodeTimeoutMs = 2000,
  args = [],
}: TestClusterOptions = {}): Promise<TestCluster> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => void (await Promise.all(started.splice(0).map((part) => part.stop())));

  async function startNode(name: string): Promise<ClusterMember & { busPort: number }> {
    for (let triesLeft = 3; ; triesLeft--) {
      try {
        return await tryToStartNode(name);
      } catch (error) {
        // Another process may have taken one of the ports, so the next try uses new ports.
        if (triesLeft === 1) throw error;
      }
    }
  }

  async function tryToStartNode(name: string): Promise<ClusterMember & { busPort: number }> {
    const [port, busPort] = [await freePort(), await freePort()];
    const network = hasNetworks ? await startTcpProxy({ target: { port } }) : null;
    if (network) started.push(network);
    const redis = await startRedis({
      port,
      args: [
        ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
        ...['--cluster-node-timeout', String(nodeTimeoutMs), '--cluster-replica-validity-factor', '0'],
        ...['--cluster-allow-replica-migration', 'no', '--repl-diskless-sync-delay', '0'],
        ...(network ? ['--cluster-announce-ip', '127.0.0.1', '--cluster-announce-port', String(network.port)] : []),
        ...(network ? ['--cluster-announce-bus-port', String(busPort)] : []),
        ...args,
      ],
    });
    started.push(redis);
    return { name, redis, network, busPort, id: await tell(redis, (client) => client.clusterMyId()) };
  }

  try {
    const nodes = await Promise.all(
      Array.from({ length: MASTERS * (1 + replicas) }, (_node, i) => startNode(`Redis ${i}`)),
    );
    const cluster = operate(nodes, stop);
    await join(nodes);
    await cluster.untilWhole({ withinMs: 20_000 });
    for (const master of nodes.slice(0, MASTERS))
      await eventually(
        'the replicas have caught up',
        async () => (await cluster.replicasOf(master)).length === replicas,
      );
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function join(nodes: readonly (ClusterMember & { busPort: number })[]): Promise<void> {
  const [first] = nodes;
  for (const [i, node] of nodes.entries())
    await tell(node.redis, async (client) => {
      if (i < MASTERS) {
        const [from, to] = [i, i + 1].map((third) => Math.floor((third * SLOTS) / MASTERS));
        await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(from), String(to! - 1)]);
        await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1)]);
      }
      if (i > 0)
        await client.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(first!.redis.port), String(first!.busPort)]);
    });
  for (const [i, node] of nodes.entries()) {
    if (i < MASTERS) continue;
    const master = nodes[i % MASTERS]!;
    await eventually('the replica knows its master', () => tell(node.redis, (client) => knows(client, master.id)));
    await tell(node.redis, (client) => client.sendCommand(['CLUSTER', 'REPLICATE', master.id]));
  }
}

const knows = async (client: Client, id: string) => String(await client.sendCommand(['CLUSTER', 'NODES'])).includes(id);

function operate(nodes: ClusterMember[], stop: () => Promise<void>): TestCluster {
  const infoOf = ({ redis }: ClusterMember) =>
    tell(redis, (client) => client.info('replication')).catch(() => 'role:none');
  const byId = (id: string) => nodes.find((node) => node.id === id)!;

  const cluster: TestCluster = {
    addresses: nodes.map(({ redis, network }) => `127.0.0.1:${network?.port ?? redis.port}`).join(','),
    nodes,
    stop,

    async masters() {
      const owners = new Set((await slotRanges(nodes)).map(({ id }) => id));
      return nodes.filter(({ id }) => owners.has(id));
    },

    async replicasOf(master) {
      const port = String(master.network?.port ?? master.redis.port);
      const infos = await Promise.all(nodes.map(infoOf));
      return nodes.filter((node, i) => {
        const follows = infos[i]!.includes('role:slave') && infos[i]!.includes(`master_port:${port}\r`);
        return node !== master && follows && infos[i]!.includes('master_link_status:up');
      });
    },

    async ownerOf(slot) {
      const ranges = await slotRanges(nodes);
      return byId(ranges.find(({ from, to }) => from <= slot && slot <= to)!.id);
    },

    async untilWhole({ withinMs = 30_000 } = {}) {
      const isWhole = async (node: ClusterMember) => {
        const info = await tell(node.redis, (client) => client.sendCommand(['CLUSTER', 'INFO'])).catch(() => '');
        const known = `cluster_known_nodes:${nodes.length}\r`;
        return String(info).includes('cluster_state:ok') && String(info).includes(known);
      };
      await Promise.all(nodes.map((node) => eventually('the Cluster is whole', () => isWhole(node), { withinMs })));
    },
  };
  return cluster;
}

interface SlotRange {
  from: number;
  to: number;
  id: string;
}

async function slotRanges(nodes: readonly ClusterMember[]): Promise<SlotRange[]> {
  let ranges: SlotRange[] | null = null;
  await eventually('a node of the Cluster answers', async () => (ranges = await newestView(nodes)) !== null);
  return ranges!;
}

/**
 * Asks all nodes, and resolves to the slots as one node sees them. Prefers a node that sees the Cluster as whole. If there are several
 * such nodes, or none, takes the node with the newest configuration. `null` if no node answers.
 */
async function newestView(nodes: readonly ClusterMember[]): Promise<SlotRange[] | null> {
  const views = await Promise.all(
    nodes.map(({ redis }) =>
      tell(redis, async (client) => {
        const [info, slots] = await Promise.all([
          client.sendCommand(['CLUSTER', 'INFO']),
          client.sendCommand(['CLUSTER', 'SLOTS']) as Promise<[number, number, [string, number, string]][]>,
        ]);
        return {
          epoch: Number(/cluster_current_epoch:(\d+)/.exec(String(info))?.[1]),
          isOk: String(info).includes('cluster_state:ok'),
          ranges: slots.map(([from, to, [, , id]]) => ({ from, to, id })),
        };
      }).catch(() => null),
    ),
  );
  const known = views.filter((view) => view !== null);
  const [best] = known.sort((a, b) => Number(b.isOk) - Number(a.isOk) || b.epoch - a.epoch);
  return best?.ranges ?? null;
}

/**
 * Moves a slot to another master, one key at a time, with a pause after each key. During the move, the keys that one script uses
 * may be divided between two masters. Resolves to the number of moved keys.
 */
export async function migrateSlot(
  cluster: TestCluster,
  { slot, to, pauseMs = 0 }: { slot: number; to: ClusterMember; pauseMs?: number },
): Promise<number> {
  const from = await cluster.ownerOf(slot);
  if (from === to) return 0;
  let moved = 0;
  await tell(to.redis, (client) => client.sendCommand(['CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from.id]));
  await tell(from.redis, async (client) => {
    await client.sendCommand(['CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', to.id]);
    for (;;) {
      const [key] = (await client.sendCommand(['CLUSTER', 'GETKEYSINSLOT', String(slot), '1'])) as string[];
      if (key === undefined) break;
      await client.sendCommand(['MIGRATE', '127.0.0.1', String(to.redis.port), key, '0', '5000']);
      moved += 1;
      await pause(pauseMs);
    }
  });
  for (const node of [to, from])
    await tell(node.redis, (client) => client.sendCommand(['CLUSTER', 'SETSLOT', String(slot), 'NODE', to.id]));
  return moved;
}

/** Makes a replica the master by `CLUSTER FAILOVER`, which loses no data. Resolves to false if the replica did not become master. */
export async function failOver(replica: ClusterMember): Promise<boolean> {
  const isMaster = async () =>
    (await tell(replica.redis, (client) => client.info('replication'))).includes('role:master');
  const accepted = await tell(replica.redis, (client) => client.sendCommand(['CLUSTER', 'FAILOVER'])).then(
    () => true,
    () => false, // Redis refuses if the master cannot be reached
  );
  if (!accepted) return false;
  return eventually('the replica is the master', isMaster, { withinMs: 10_000 }).then(
    () => true,
    () => false,
  );
}

const createFor = (url: string) => createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 10_000 } });
export type Client = ReturnType<typeof createFor>;

/** Connects to the node directly, not through its proxy. Calls `say` with the connection, and closes the connection afterwards. */
export async function tell<T>(node: TestRedis, say: (client: Client) => Promise<T>): Promise<T> {
  const client = createFor(node.url);
  client.on('error', () => {
    /* a failed command rejects by itself */
  });
  await client.connect();
  try {
    return await say(client);
  } finally {
    client.destroy();
  }
}
