import { setTimeout as delay } from 'node:timers/promises';
import { createCluster, ErrorReply } from 'redis';
import { keySlot } from './key-slot.ts';
import type { RedisClient, RedisNodeOptions } from './redis-client.ts';
import { loadScripts, SCRIPTS } from './scripts.ts';

/** The parts of the cluster client that are used here, besides the commands that all clients have. */
interface ClusterParts {
  masters: readonly ClusterNode[];
  /** By slot. The client replaces this array each time it reads the Cluster's layout. */
  slots: readonly ({ master: ClusterNode } | undefined)[];
  nodeByAddress: ReadonlyMap<string, { client?: RedisClient }>;
  nodeClient(node: ClusterNode): Promise<RedisClient>;
  on(event: 'node-ready', listener: (node: { host: string; port: number }) => void): void;
  /** Internal to node-redis, which offers no other way to read the Cluster's layout before a MOVED reply. */
  _slots: { rediscover(startWith?: undefined, excludedAddresses?: ReadonlySet<string>): Promise<void> };
}

export interface ClusterNode {
  address: string;
  host: string;
  port: number;
}

const partsOf = (client: RedisClient): ClusterParts => client as unknown as ClusterParts;

/** A command fails after this many redirections (MOVED or ASK). */
const MAX_REDIRECTIONS = 32;
/** A script that gets TRYAGAIN is sent again for this long. Must be shorter than the deadline of a call (`CALL_DEADLINE_MS`). */
const TRYAGAIN_WITHIN_MS = 3000;
const TRYAGAIN_EVERY_MS = 50;

/** A client of a Cluster, with the commands of a single server. The client connects to each node when it first needs the node. */
export function createClusterClient({
  addresses,
  node,
}: {
  addresses: readonly string[];
  node: RedisNodeOptions;
}): RedisClient {
  const client = createCluster({
    rootNodes: addresses.map((address) => ({ url: urlOf(address) })),
    scripts: SCRIPTS,
    maxCommandRedirections: MAX_REDIRECTIONS,
    // Without this option, reading the layout waits for a connection to every master, and never ends if one is dead.
    minimizeConnections: true,
    topologyRefreshOnReconnectionAttemptStrategy: 500,
    defaults: node,
  }) as unknown as RedisClient;
  loadScriptsOnEveryNode(client);
  waitOutMigrations(client);
  return client;
}

const urlOf = (address: string): string => (address.includes('://') ? address : `redis://${address}`);

/**
 * The nodes of a Cluster name each other only by host and port. So the login for every node is taken from the address of the first
 * configured node. If this address has no user or no password, `username` or `password` is used instead.
 */
export function nodeLogin({
  clusterNodes,
  username,
  password,
}: {
  clusterNodes: readonly string[];
  username?: string;
  password?: string;
}): Pick<RedisNodeOptions, 'username' | 'password'> {
  const named = new URL(urlOf(clusterNodes[0]!));
  return {
    username: decodeURIComponent(named.username) || username,
    password: decodeURIComponent(named.password) || password,
  };
}

/**
 * A server that does not know a script replies NOSCRIPT. node-redis then sends the script with EVAL. While a slot is being moved, its
 * new master accepts only commands that follow an ASKING command, which node-redis does not send before this EVAL. So the old and
 * the new master would redirect the EVAL to each other. To avoid this, all scripts are loaded into each node when it is connected.
 */
function loadScriptsOnEveryNode(client: RedisClient): void {
  const { nodeByAddress, on } = partsOf(client);
  on.call(client, 'node-ready', ({ host, port }) => {
    const node = nodeByAddress.get(`${host}:${port}`)?.client;
    if (node) loadScripts(node);
  });
}

/**
 * While a slot is being moved, some of its keys are already on the new master, and others are not. A script that needs both kinds
 * of keys gets TRYAGAIN and changes nothing. The script is sent again until all keys have arrived.
 */
function waitOutMigrations(client: RedisClient): void {
  const methods = client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const name of Object.keys(SCRIPTS)) {
    const run = methods[name]!;
    methods[name] = async function (this: unknown, ...args) {
      for (const until = Date.now() + TRYAGAIN_WITHIN_MS; ;) {
        try {
          return await run.apply(this, args);
        } catch (error) {
          if (!(error instanceof ErrorReply && error.message.startsWith('TRYAGAIN')) || Date.now() > until) throw error;
          await delay(TRYAGAIN_EVERY_MS);
        }
      }
    };
  }
}

export const mastersOf = (client: RedisClient): Promise<RedisClient[]> => {
  const cluster = partsOf(client);
  return Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)));
};

/** The known master of a slot. */
export const masterOf = (client: RedisClient, slot: number): ClusterNode | undefined =>
  partsOf(client).slots[slot]?.master;

/** A new object each time the client has read the Cluster's layout. */
export const topologyOf = (client: RedisClient): object => partsOf(client).slots;

/** Reads the Cluster's layout again. `suspects`: addresses of nodes that may be lost. Other nodes are asked first. */
export async function refreshTopology(client: RedisClient, suspects: ReadonlySet<string>): Promise<void> {
  await partsOf(client)._slots.rediscover(undefined, suspects);
}

/** A key in a slot of this master, used to check whether the master accepts writes. */
export interface ProbeKey {
  address: string;
  key: string;
}

const MAX_PROBE_TRIES = 4096;

/** Returns a function that gives one key per master. The function finds new keys only after the Cluster's layout has changed. */
export function createProbeKeys(client: RedisClient): () => ProbeKey[] {
  let known: object | null = null;
  let keys: ProbeKey[] = [];
  return () => {
    const { slots, masters } = partsOf(client);
    if (slots === known) return keys;
    known = slots;
    const found = new Map<string, string>();
    for (let i = 0; i < MAX_PROBE_TRIES && found.size < masters.length; i++) {
      const key = `rejoin:probe:${i}`;
      const address = slots[keySlot(key)]?.master.address;
      if (address !== undefined && !found.has(address)) found.set(address, key);
    }
    keys = [...found].map(([address, key]) => ({ address, key }));
    return keys;
  };
}
