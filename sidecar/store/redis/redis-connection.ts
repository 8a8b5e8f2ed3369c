import { createClient, createSentinel, ErrorReply, RESP_TYPES } from 'redis';
import type { Log } from '../../log.ts';
import { createDeadlines } from './deadlines.ts';
import { clientOptions, createSingle, socketOptions, type BellClient, type RedisClient } from './redis-client.ts';
import { createClusterBells } from './redis-cluster-bells.ts';
import { createClusterClient, createProbeKeys, mastersOf, nodeLogin, refreshTopology } from './redis-cluster.ts';
import { loadScripts } from './scripts.ts';
import { StoreUnavailable } from '../streams/stream-store.ts';

/** Where Redis is: one server, a Cluster, or a set of Sentinels that know the master. One address that answers is enough. */
export type RedisAddress =
  | { url: string }
  | { clusterNodes: readonly string[]; username?: string; password?: string }
  | { sentinels: readonly string[]; masterName: string; username?: string; password?: string };

export interface RedisSettings {
  address: RedisAddress;
  leaseMs: number;
}

/** No call of ours waits longer than this for its answer. */
const CALL_DEADLINE_MS = 4000;
const CONNECT_GRACE_MS = 3000;
/** Shorter than any lease, so that no outage that lets one run out goes unnoticed. */
const PROBE_MS = 250;
/** A master that has not answered a probe for so long is a reason to ask the others who is. */
const SUSPECT_MS = 1000;
const PROBE_KEY = 'rejoin:probe';
/** Between two looks at a Cluster that has lost a master, and between tries to connect to one that is away. */
const REFRESH_MS = 500;
const RECONNECT_MS = 500;

/** A Cluster or Sentinel client has the same commands; what differs (SCAN and INFO of a Cluster) goes through `masters`. */
function createFor(address: RedisAddress): RedisClient {
  const { scripts, ...nodeOptions } = clientOptions;
  if ('url' in address) return createSingle(address.url);
  const node = { ...nodeOptions, socket: socketOf(address) };
  if ('clusterNodes' in address)
    return createClusterClient({ addresses: address.clusterNodes, node: { ...node, ...nodeLogin(address) } });
  return createSentinel({
    name: address.masterName,
    sentinelRootNodes: address.sentinels.map(hostAndPort),
    scripts,
    // Without it each command waits for a client of its own, and nothing is pipelined.
    reserveClient: true,
    scanInterval: 1000,
    passthroughClientErrorEvents: true,
    nodeClientOptions: { ...node, username: address.username, password: address.password },
    sentinelClientOptions: { maintNotifications: 'disabled', socket: socketOf(address) },
  }) as unknown as RedisClient;
}

/** For bells: one node, until its connection is lost. */
function createNodeFor(address: RedisAddress, at: { host: string; port: number }): RedisClient {
  const { scripts: _scripts, ...nodeOptions } = clientOptions;
  const login = 'clusterNodes' in address ? nodeLogin(address) : {};
  const client = createClient({
    ...nodeOptions,
    ...login,
    socket: { ...socketOf(address), ...at, reconnectStrategy: false },
  });
  return client as unknown as RedisClient;
}

/** Nodes are discovered as bare addresses: they are talked to as the first that was named, over TLS where that is. */
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

/**
 * The three connections of a process: one that appends and decides, one that reads pages so that a long catch-up
 * never stands before an append, and one that hears bells.
 */
export interface RedisConnection {
  commands: RedisClient;
  /** Answers strings as Buffers. */
  pages: RedisClient;
  bells: BellClient;
  /** Many streams fit into one script call only where all keys are on one server. */
  isCluster: boolean;
  /** Runs one call with a deadline; anything that fails is a {@link StoreUnavailable} or an error of the script. */
  call<T>(promise: Promise<T>): Promise<T>;
  /** All masters, for what has to be asked of each: SCAN, INFO. */
  masters(): Promise<RedisClient[]>;
  /** False within one lease of Redis having been away or just started: then an expired lease proves nothing. */
  isCalm(): boolean;
  /** This process saw it go, and it is not back for a lease yet. */
  wasAway(): boolean;
  onReconnect(listener: () => void): void;
  close(): void;
}

export async function connectRedis({ settings, log }: { settings: RedisSettings; log: Log }): Promise<RedisConnection> {
  const isCluster = 'clusterNodes' in settings.address;
  const reconnected = new Set<() => void>();
  const deadlines = createDeadlines({ limitMs: CALL_DEADLINE_MS });
  /** Not yet, or no longer, in good contact. */
  let troubled = true;
  let wasInContact = false;
  let hasBeenAway = false;
  let calmAt = Number.POSITIVE_INFINITY;

  function trouble(error: unknown): void {
    if (!troubled) log.warn({ event: 'redis.away', reason: error instanceof Error ? error.message : 'unknown' });
    troubled = true;
    calmAt = Number.POSITIVE_INFINITY;
  }

  async function recovered(): Promise<void> {
    if (!troubled) return;
    const uptimeMs = await call(shortestUptimeMs(await masters()));
    if (!troubled) return; // several probes may be answered at once
    if (!isCluster) loadScripts(commands); // there every node is given them as it is connected
    // The first contact proves nothing about the time before but what Redis itself says.
    hasBeenAway = wasInContact;
    calmAt = Date.now() + (wasInContact ? settings.leaseMs : Math.max(0, settings.leaseMs - uptimeMs));
    troubled = false;
    if (wasInContact) log.info({ event: 'redis.back' });
    wasInContact = true;
    for (const listener of reconnected) listener();
  }

  function create(): RedisClient {
    const client = createFor(settings.address);
    // That a node of a Cluster is away shows in the calls to it; it may be no master any more.
    client.on('error', isCluster ? () => {} : trouble);
    return client;
  }

  const commands = create();
  const plainPages = create();
  const clients = [commands, plainPages];
  const bells = createBells();
  const probeKeys = createProbeKeys(commands);
  let isClosed = false;

  function createBells(): BellClient {
    if (isCluster) return createClusterBells({ commands, createNode: (at) => createNodeFor(settings.address, at) });
    const client = create();
    clients.push(client);
    return {
      sSubscribe: (channel, hear) => client.sSubscribe(channel, hear),
      sUnsubscribe: (channel, hear) => client.sUnsubscribe(channel, hear),
      subscribe: (channel, hear) => client.subscribe(channel, hear),
      onReady: (listener) => void client.on('ready', listener),
      destroy: () => client.destroy(),
    };
  }

  async function masters(): Promise<RedisClient[]> {
    return isCluster ? call(mastersOf(commands)) : [commands];
  }

  /** A single server is waited for by its client; of a Cluster whose nodes are all away it has to be asked again. */
  async function connect(client: RedisClient): Promise<void> {
    for (;;) {
      try {
        return void (await client.connect());
      } catch (error) {
        if (isClosed || !isCluster) throw error;
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS).unref());
      }
    }
  }

  const connected = Promise.all(clients.map(connect)).then(recovered);
  connected.catch(trouble);
  // A Redis that is not there yet does not keep the process from starting: it is not ready, and says so.
  await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, CONNECT_GRACE_MS).unref())]);
  if (troubled) log.warn({ event: 'redis.away', reason: 'it did not answer at the start' });

  // Always, because a process that writes nothing would not notice that nobody can; and a write as well, because a
  // replica answers whatever only reads. It ends every trouble: a node that is back, a hung server that answers again.
  let isProbing = false;
  const probe = setInterval(() => {
    if (isProbing) return;
    isProbing = true;
    (isCluster ? probeMasters() : probeKey(PROBE_KEY))
      .then(recovered)
      .catch(() => {
        /* away; asked again in a moment */
      })
      .finally(() => (isProbing = false));
  }, PROBE_MS);
  probe.unref();

  const probeKey = (key: string) => call(Promise.all([commands.del(key), plainPages.get(key)]));

  /** Each of them, as the streams of others may be on one that has none of ours. */
  async function probeMasters(): Promise<void> {
    const suspects = new Set<string>();
    const probes = probeKeys().map(async ({ address, key }) => {
      suspects.add(address);
      await probeKey(key);
      suspects.delete(address);
    });
    const all = Promise.all(probes);
    const late = setTimeout(() => refresh(suspects), SUSPECT_MS);
    try {
      if (probes.length === 0) throw new StoreUnavailable('The Cluster is not known yet');
      await all;
    } catch (error) {
      refresh(suspects);
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** Who has the slots of a master that is away: a replica may have been made one meanwhile. */
  function refresh(suspects: ReadonlySet<string>): void {
    if (Date.now() < refreshedAt + REFRESH_MS) return;
    refreshedAt = Date.now();
    for (const client of [commands, plainPages])
      refreshTopology(client, new Set(suspects)).catch(() => {
        /* nobody knows; asked again in a moment */
      });
  }
  let refreshedAt = 0;

  async function call<T>(promise: Promise<T>): Promise<T> {
    try {
      return await deadlines.within(promise);
    } catch (error) {
      if (error instanceof ErrorReply) {
        if (!PASSING.test(error.message)) throw error;
        const refusal = new StoreUnavailable(`Redis refuses for now: ${error.message.split(' ', 1)[0]}`, {
          cause: error,
        });
        if (UNRENEWABLE.test(error.message)) trouble(refusal);
        throw refusal;
      }
      trouble(error);
      throw error instanceof StoreUnavailable
        ? error
        : new StoreUnavailable('Redis cannot be reached', { cause: error });
    }
  }

  return {
    commands,
    pages: plainPages.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }) as unknown as RedisClient,
    bells,
    isCluster,
    masters,
    isCalm: () => Date.now() >= calmAt,
    wasAway: () => hasBeenAway && Date.now() < calmAt,
    onReconnect: (listener) => void reconnected.add(listener),
    call,
    close() {
      clearInterval(probe);
      isClosed = true;
      deadlines.stop();
      bells.destroy();
      for (const client of clients) client.destroy();
    },
  };
}

/** What Redis says when it cannot now and will again: a failover, a load from disk, no memory. */
const PASSING = /^(LOADING|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY|OOM|MISCONF|ASK|MOVED|NOREPLICAS|BUSY)/;
/** Of these, what keeps owners from renewing their leases as well: as good as away. */
const UNRENEWABLE = /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|MISCONF|NOREPLICAS|BUSY)/;

async function shortestUptimeMs(clients: readonly RedisClient[]): Promise<number> {
  const infos = await Promise.all(clients.map((client) => client.info('server')));
  return Math.min(...infos.map((info) => Number(/uptime_in_seconds:(\d+)/.exec(info)?.[1] ?? 0) * 1000));
}
