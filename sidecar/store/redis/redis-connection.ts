import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorReply, RESP_TYPES } from 'redis';
import type { Log } from '../../log.ts';
import { StoreUnavailable } from '../streams/stream-store.ts';
import { createFor, createNodeFor } from './create-clients.ts';
import { createDeadlines } from './deadlines.ts';
import { diagnoseRedis } from './diagnose/diagnose-redis.ts';
import { judgeServer, unfitness } from './diagnose/judge-server.ts';
import { describeAddress, type RedisAddress } from './redis-address.ts';
import type { BellClient, RedisClient } from './redis-client.ts';
import { createClusterBells } from './redis-cluster-bells.ts';
import { createProbeKeys, mastersOf, refreshTopology } from './redis-cluster.ts';
import { explainRedisError, SILENT, type RedisProblem } from './diagnose/redis-problem.ts';
import { createRedisTroubles } from './diagnose/redis-troubles.ts';
import { loadScripts } from './scripts.ts';
import { PROBE_KEY, probeWrite, readServerFacts, type ServerFacts } from './diagnose/server-facts.ts';

export interface RedisSettings {
  address: RedisAddress;
  leaseMs: number;
}

/** No call waits longer than this for its reply. */
const CALL_DEADLINE_MS = 4000;
/** {@link connectRedis} waits no longer than this for Redis, or for the reason why it cannot be reached. */
const CONNECT_GRACE_MS = 1500;
/** If a client has neither connected nor failed after this time, {@link diagnoseRedis} checks the address. */
const HANGING_MS = 600;
/** `readiness` answers within this time. */
const READY_MS = 1000;
/** Redis is probed at this interval. It is shorter than any lease, so that an outage in which a lease can expire is noticed. */
const PROBE_MS = 250;
/** If a master has not answered a probe for this long, the other nodes are asked for the current master. */
const SUSPECT_MS = 1000;

/** Delay between two reads of the layout of a Cluster that has lost a master. */
const REFRESH_MS = 500;
/** Delay between two tries to connect to a Cluster. */
const RECONNECT_MS = 500;

/**
 * The connections of a process. One is for appends and all other short commands. One reads pages of logs, so that an append
 * never waits behind a long catch-up. One reads conversations and lists. One receives notifications.
 */
export interface RedisConnection {
  commands: RedisClient;
  /** Returns strings as Buffers. */
  pages: RedisClient;
  /** For large reads that no stream waits for: conversations, lists, sweeps. Returns strings as Buffers. */
  bulk: RedisClient;
  /** The connection of `bulk`, but returns strings as text. */
  bulkText: RedisClient;
  bells: BellClient;
  /** In a Cluster, several streams cannot share one script call, because their keys are on different servers. */
  isCluster: boolean;
  /** Waits for one call, with a deadline. Rejects with a {@link StoreUnavailable} or with an error of the script. */
  call<T>(promise: Promise<T>): Promise<T>;
  /**
   * Like `call`, for `bulk` and `bulkText`. A late reply fails the call, but does not count as an outage of Redis. Otherwise a
   * few large reads would look like an outage, and delay takeovers.
   */
  callBulk<T>(promise: Promise<T>): Promise<T>;
  /** All masters, for commands that must be sent to each of them: SCAN, INFO. */
  masters(): Promise<RedisClient[]>;
  /** Like `masters`, on the connection `bulk`. */
  bulkMasters(): Promise<RedisClient[]>;
  /**
   * False while Redis is away, and for the length of a lease after it has come back or has started. During this time, an expired
   * lease does not prove that its owner is lost.
   */
  isCalm(): boolean;
  /** True for the length of a lease after Redis was away and has come back. While Redis is away, the value has no meaning. */
  wasAway(): boolean;
  onReconnect(listener: () => void): void;
  /** Resolves within a second to the reason why Redis cannot be used now, or to `null` if it can. */
  readiness(): Promise<RedisProblem | null>;
  close(): void;
}

export async function connectRedis({ settings, log }: { settings: RedisSettings; log: Log }): Promise<RedisConnection> {
  const isCluster = 'clusterNodes' in settings.address;
  const reconnected = new Set<() => void>();
  const deadlines = createDeadlines({ limitMs: CALL_DEADLINE_MS });
  const bulkDeadlines = createDeadlines({ limitMs: CALL_DEADLINE_MS });
  /** True if Redis does not answer yet, or no longer answers. */
  let troubled = true;
  let wasInContact = false;
  let hasBeenAway = false;
  let calmAt = Number.POSITIVE_INFINITY;
  let refreshedAt = 0;

  const where = describeAddress(settings.address);
  const troubles = createRedisTroubles({ where, log, diagnose: () => diagnoseRedis(settings.address) });

  function trouble(error: unknown): void {
    troubles.onError(error);
    troubled = true;
    // An error before the first contact does not mean that Redis was away.
    hasBeenAway = wasInContact;
    calmAt = Number.POSITIVE_INFINITY;
  }

  async function recovered(): Promise<void> {
    if (!troubled) return;
    const servers = await masters();
    const facts = await Promise.all(servers.map((server) => readServerFacts(server, deadlines.within)));
    if (!troubled) return; // another call may have done all this during the `await`
    const unfit = facts.map(unfitness).find((problem) => problem !== null) ?? null;
    troubles.onContact(unfit);
    if (unfit) return; // the next probe checks again
    if (!isCluster) loadScripts(commands); // in a Cluster, every node gets the scripts when it is connected
    // At the first contact, Redis may itself have started only a moment ago. So the length of a lease is counted from the start of
    // Redis, not from this contact.
    const uptimeMs = Math.min(...facts.map((one) => one.uptimeMs));
    calmAt = performance.now() + (wasInContact ? settings.leaseMs : Math.max(0, settings.leaseMs - uptimeMs));
    troubled = false;
    if (!wasInContact) warnOf(facts);
    wasInContact = true;
    for (const listener of reconnected) listener();
  }

  /** Logs problems that do no harm now, but may lose answers later. */
  function warnOf(facts: readonly ServerFacts[]): void {
    for (const { level, subject, found, advice } of facts.flatMap(judgeServer))
      if (level === 'warn' || level === 'fail')
        log.warn({ event: 'redis.warning', address: where, subject, reason: found, remedy: advice });
  }

  function create(): RedisClient {
    const client = createFor(settings.address);
    // In a Cluster, the lost node may no longer be a master, so the error alone does not count as trouble. If the node is still a
    // master, calls to the node fail, and each failed call reports the trouble.
    client.on('error', (error: unknown) => {
      if (!isCluster) trouble(error);
      else if (troubled) troubles.onError(error);
    });
    return client;
  }

  const commands = create();
  const plainPages = create();
  const plainBulk = create();
  const clients = [commands, plainPages, plainBulk];
  const bells = createBells();
  const probeKeys = createProbeKeys(commands);
  let isClosed = false;

  function createBells(): BellClient {
    if (isCluster) return createClusterBells({ commands, createNode: (at) => createNodeFor(settings.address, at) });
    const client = create();
    clients.push(client);
    return {
      sSubscribe: (channel, onMessage) => client.sSubscribe(channel, onMessage, true),
      sUnsubscribe: (channel, onMessage) => client.sUnsubscribe(channel, onMessage, true),
      subscribe: (channel, onMessage) => client.subscribe(channel, onMessage, true),
      onReady: (listener) => void client.on('ready', listener),
      destroy: () => client.destroy(),
    };
  }

  async function masters(): Promise<RedisClient[]> {
    return isCluster ? call(mastersOf(commands)) : [commands];
  }

  /** The client of a single server tries until it is connected. A Cluster's client gives up if all nodes are away. */
  async function connect(client: RedisClient): Promise<void> {
    for (;;) {
      try {
        return void (await client.connect());
      } catch (error) {
        if (isClosed || !isCluster) throw error;
        await sleep(RECONNECT_MS, undefined, { ref: false });
      }
    }
  }

  /**
   * Checks that Redis accepts writes. A successful read is not enough, because reads also succeed on a replica, on a full server, and
   * on a server that cannot save.
   */
  async function look(): Promise<void> {
    troubles.onWriteProbe(await (isCluster ? probeMasters() : probeKey(PROBE_KEY)));
    await recovered();
  }

  Promise.all(clients.map(connect)).then(look).catch(trouble);
  // A client whose server does not answer reports no error for seconds.
  const hanging = setTimeout(() => troubled && trouble(new StoreUnavailable('Redis did not answer')), HANGING_MS);
  // The process starts even if Redis is not there yet.
  await Promise.race([troubles.known, sleep(CONNECT_GRACE_MS, undefined, { ref: false })]);

  let isProbing = false;
  const probe = setInterval(() => {
    if (isProbing) return;
    isProbing = true;
    look()
      .catch(() => {
        /* Redis is away; the next probe asks again */
      })
      .finally(() => (isProbing = false));
  }, PROBE_MS);
  probe.unref();

  /**
   * Resolves to `null` if the server accepts writes, or to its refusal if it is full: a full Redis still does everything except
   * store new data. Rejects with any other refusal. During trouble, the connection for pages must answer, too. Without trouble,
   * nothing is sent on that connection, because the reply may have to wait behind a large page.
   */
  async function probeKey(key: string): Promise<RedisProblem | null> {
    const second = troubled ? plainPages.get(key) : undefined;
    const [refusal] = await call(Promise.all([probeWrite(commands, key), second]));
    if (refusal === null || refusal.kind === 'full') return refusal;
    const error = new StoreUnavailable(`Redis ${refusal.reason}`, { problem: refusal });
    trouble(error);
    throw error;
  }

  /** All masters are asked, because other processes may have streams on a master that has none of ours. */
  async function probeMasters(): Promise<RedisProblem | null> {
    const suspects = new Set<string>();
    const probes = probeKeys().map(async ({ address, key }) => {
      suspects.add(address);
      const refusal = await probeKey(key);
      suspects.delete(address);
      return refusal;
    });
    const all = Promise.all(probes);
    const late = setTimeout(() => refresh(suspects), SUSPECT_MS);
    try {
      if (probes.length === 0) throw new StoreUnavailable('The layout of the Cluster is not known yet');
      return (await all).find((refusal) => refusal !== null) ?? null;
    } catch (error) {
      refresh(suspects);
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** Finds out which node has the slots of a lost master: a replica may have become master. */
  function refresh(suspects: ReadonlySet<string>): void {
    if (performance.now() < refreshedAt + REFRESH_MS) return;
    refreshedAt = performance.now();
    for (const client of [commands, plainPages, plainBulk])
      refreshTopology(client, new Set(suspects)).catch(() => {
        /* no node answers; the next probe asks again */
      });
  }

  async function callBulk<T>(promise: Promise<T>): Promise<T> {
    return call(promise, bulkDeadlines);
  }

  async function call<T>(promise: Promise<T>, within = deadlines): Promise<T> {
    try {
      return await within.within(promise);
    } catch (error) {
      if (error instanceof ErrorReply) {
        if (!PASSING.test(error.message)) throw error;
        const problem = explainRedisError(error);
        const refusal = new StoreUnavailable(`Redis ${problem.reason}`, { cause: error, problem });
        if (UNRENEWABLE.test(error.message)) trouble(refusal);
        throw refusal;
      }
      const isOnlyLate = within === bulkDeadlines && error instanceof StoreUnavailable;
      if (!isOnlyLate) trouble(error);
      if (error instanceof StoreUnavailable && (isOnlyLate || error.problem)) throw error;
      const problem = troubles.current() ?? explainRedisError(error);
      throw new StoreUnavailable(`Redis ${problem.reason}`, { cause: error, problem });
    }
  }

  /** Answers within {@link READY_MS}, even if Redis has just stopped answering and no call has noticed it yet. */
  async function readiness(): Promise<RedisProblem | null> {
    const known = troubles.current();
    if (known) return known;
    const tooLong = new AbortController();
    const answer = call(commands.get(PROBE_KEY)).then(
      () => null,
      () => troubles.current(),
    );
    const late = sleep(READY_MS, SILENT, { signal: tooLong.signal }).catch(() => null);
    const problem = await Promise.race([answer, late]);
    tooLong.abort();
    return problem;
  }

  return {
    commands,
    pages: plainPages.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }) as unknown as RedisClient,
    bulk: plainBulk.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }) as unknown as RedisClient,
    bulkText: plainBulk,
    bells,
    isCluster,
    masters,
    bulkMasters: async () => (isCluster ? callBulk(mastersOf(plainBulk)) : [plainBulk]),
    isCalm: () => performance.now() >= calmAt,
    wasAway: () => hasBeenAway && performance.now() < calmAt,
    onReconnect: (listener) => void reconnected.add(listener),
    readiness,
    call: (promise) => call(promise),
    callBulk,
    close() {
      clearInterval(probe);
      clearTimeout(hanging);
      isClosed = true;
      deadlines.stop();
      bulkDeadlines.stop();
      bells.destroy();
      for (const client of clients) client.destroy();
    },
  };
}

/** Errors of temporary refusals (PROTOCOL.md 10.4). */
const PASSING = /^(LOADING|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY|OOM|MISCONF|ASK|MOVED|NOREPLICAS|BUSY)/;
/** Temporary refusals that also stop owners from renewing their leases. Redis then counts as away. */
const UNRENEWABLE = /^(LOADING|CLUSTERDOWN|MASTERDOWN|READONLY|MISCONF|NOREPLICAS|BUSY)/;
