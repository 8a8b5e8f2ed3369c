import { createClient, createSentinel } from 'redis';
import type { RedisAddress } from './redis-address.ts';
import { clientOptions, createSingle, socketOptions, type RedisClient } from './redis-client.ts';
import { createClusterClient, nodeLogin } from './redis-cluster.ts';

/** Creates a client that is not connected yet. In a Cluster, SCAN and INFO must be sent to each master (`mastersOf`). */
export function createFor(address: RedisAddress): RedisClient {
  const { scripts, ...nodeOptions } = clientOptions;
  if ('url' in address) return createSingle(address.url);
  const node = { ...nodeOptions, socket: socketOf(address) };
  if ('clusterNodes' in address)
    return createClusterClient({ addresses: address.clusterNodes, node: { ...node, ...nodeLogin(address) } });
  return createSentinel({
    name: address.masterName,
    sentinelRootNodes: address.sentinels.map(hostAndPort),
    scripts,
    // Without this option each command waits for a free client, and nothing is pipelined.
    reserveClient: true,
    scanInterval: 1000,
    passthroughClientErrorEvents: true,
    nodeClientOptions: { ...node, username: address.username, password: address.password },
    sentinelClientOptions: { maintNotifications: 'disabled', socket: socketOf(address) },
  }) as unknown as RedisClient;
}

/** Creates a client of one node, for subscriptions. It does not reconnect when its connection is lost. */
export function createNodeFor(address: RedisAddress, at: { host: string; port: number }): RedisClient {
  const { scripts: _scripts, ...nodeOptions } = clientOptions;
  const login = 'clusterNodes' in address ? nodeLogin(address) : {};
  const client = createClient({
    ...nodeOptions,
    ...login,
    socket: { ...socketOf(address), ...at, reconnectStrategy: false },
  });
  return client as unknown as RedisClient;
}

/**
 * A Cluster or a Sentinel names other servers only by host and port. So TLS is used for all servers if the first configured address
 * begins with `rediss://`.
 */
function socketOf(address: RedisAddress) {
  const first =
    'url' in address ? address.url : 'clusterNodes' in address ? address.clusterNodes[0] : address.sentinels[0];
  return first?.startsWith('rediss://') ? { ...socketOptions, tls: true as const } : socketOptions;
}

const SENTINEL_PORT = 26379;

function hostAndPort(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${address.replace(/^rediss?:\/\//, '')}`);
  return { host: hostname, port: port === '' ? SENTINEL_PORT : Number(port) };
}
