/**
 * Where Redis is: one server, a Cluster, or a set of Sentinels that know the master. If several nodes or Sentinels are
 * listed, one that can be reached is enough.
 */
export type RedisAddress =
  | { url: string }
  | { clusterNodes: readonly string[]; username?: string; password?: string }
  | { sentinels: readonly string[]; masterName: string; username?: string; password?: string };

/** Where Redis is, for people: without user and password. */
export function describeAddress(address: RedisAddress): string {
  if ('clusterNodes' in address) return `the Cluster of ${address.clusterNodes.map(withoutLogin).join(', ')}`;
  if ('sentinels' in address)
    return `the master ${address.masterName} of ${address.sentinels.map(withoutLogin).join(', ')}`;
  return withoutLogin(address.url);
}

/** The login ends at the last `@` before the path, because a password may contain `@`. */
const withoutLogin = (address: string): string => address.replace(/^\w+:\/\//, '').replace(/^[^/?#]*@/, '');
