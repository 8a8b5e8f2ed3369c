import { createClient, createCluster, createSentinel, ErrorReply, RESP_TYPES } from 'redis';
import type { Log } from '../log.ts';
import { createDeadlines } from './deadlines.ts';
import { SCRIPTS } from './scripts.ts';
import { StoreUnavailable } from './stream-store.ts';

/** Where Redis is: one server, a Cluster, or a set of Sentinels that know the master. One address that answers is enough. */
export type RedisAddress =
  | { url: string }
  | { clusterNodes: readonly string[]; password?: string }
  | { sentinels: readonly string[]; masterName: string; password?: string };

export interface RedisSettings {
  address: RedisAddress;
  leaseMs: number;
}

/** A hung socket is given up after this long without a byte; a PING every second keeps a healthy one from it. */
const SOCKET_TIMEOUT_MS = 5000;
/** No call of ours waits longer than this for its answer. */
const CALL_DEADLINE_MS = 4000;
const CONNECT_GRACE_MS = 3000;
/** Shorter than any lease, so that no outage that lets one run out goes unnoticed. */
const PROBE_MS = 250;

const socketOptions = {
  socketTimeout: SOCKET_TIMEOUT_MS,
  connectTimeout: 2000,
  reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), 1000),
};
/** A command that cannot be sent now fails now: the caller knows better than a queue what to do with it. */
const clientOptions = { pingInterval: 1000, disableOfflineQueue: true, scripts: SCRIPTS } as const;

const createSingle = (url: string) => createClient({ url, ...clientOptions, socket: socketOptions });
export type RedisClient = ReturnType<typeof createSingle>;

/** A Cluster or Sentinel client has the same commands; what differs (SCAN and INFO of a Cluster) goes through `masters`. */
function createFor(address: RedisAddress): RedisClient {
  const { scripts, ...nodeOptions } = clientOptions;
  const node = { ...nodeOptions, socket: socketOptions };
  if ('url' in address) return createSingle(address.url);
  if ('clusterNodes' in address) {
    return createCluster({
      rootNodes: address.clusterNodes.map((host) => ({ url: host.includes('://') ? host : `redis://${host}` })),
      scripts,
      maxCommandRedirections: 32,
      defaults: { ...node, password: address.password },
    }) as unknown as RedisClient;
  }
  return createSentinel({
    name: address.masterName,
    sentinelRootNodes: address.sentinels.map(hostAndPort),
    scripts,
    // Without it each command waits for a client of its own, and nothing is pipelined.
    reserveClient: true,
    scanInterval: 1000,
    passthroughClientErrorEvents: true,
    nodeClientOptions: { ...node, password: address.password },
    sentinelClientOptions: { socket: socketOptions },
  }) as unknown as RedisClient;
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
  bells: RedisClient;
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
    const uptimeMs = await shortestUptimeMs(await masters());
    if (!troubled) return; // several probes may be answered at once
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
    client.on('error', trouble);
    return client;
  }

  const commands = create();
  const plainPages = create();
  const bells = create();
  const clients = [commands, plainPages, bells];

  async function masters(): Promise<RedisClient[]> {
    if (!isCluster) return [commands];
    const cluster = commands as unknown as {
      masters: { id: string }[];
      nodeClient(node: { id: string }): Promise<RedisClient>;
    };
    return Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)));
  }

  const connected = Promise.all(clients.map((client) => client.connect())).then(recovered);
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
    call(Promise.all([commands.del('rejoin:probe'), plainPages.get('rejoin:probe')]))
      .then(recovered)
      .catch(() => {
        /* away; asked again in a moment */
      })
      .finally(() => (isProbing = false));
  }, PROBE_MS);
  probe.unref();

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
      deadlines.stop();
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
