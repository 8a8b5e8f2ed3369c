import { createAccess } from './access/access.ts';
import { createRoleWatch } from './access/role-watch.ts';
import { createAnalytics } from './analytics/analytics.ts';
import { createChats } from './chats/chats.ts';
import { createForkChat } from './chats/forks/fork-chat.ts';
import { createLane } from './chats/lane.ts';
import { createSay } from './chats/say.ts';
import { createSearch } from './chats/search/search-chats.ts';
import { CONFIG_EXIT, ConfigError, readConfig, type Config } from './config.ts';
import { createFeeds } from './feed/feeds.ts';
import { createAuth } from './http/auth.ts';
import { createOpenResponses } from './http/open-responses.ts';
import { createServer } from './http/server.ts';
import { createAdmission } from './limits/admission.ts';
import { createQuota } from './limits/quota.ts';
import { createLog, type Log } from './log.ts';
import { createModels } from './models/registry.ts';
import { createSchedule } from './schedule.ts';
import { openStores, READERS_TOLD_MS } from './open-stores.ts';
import { createPacker } from './streams/end/packer.ts';
import { createSettler } from './streams/end/settle.ts';
import { findActive, listAllActive } from './streams/read/all-active.ts';
import { createStreamCleanup } from './streams/recover/stream-cleanup.ts';
import { createStreamManager } from './streams/stream-manager.ts';
import { BEATS_PER_LEASE } from './streams/write/heartbeat.ts';
import { openRooms } from './rooms/open-rooms.ts';
import { openShares } from './shares/open-shares.ts';
import { createShareEnds } from './shares/share-ends.ts';
import { openTemplates } from './templates/open-templates.ts';
import { createLifecycleLog } from './telemetry/lifecycle-log.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { createModelLabel } from './telemetry/model-label.ts';
import { fanOut, noTelemetry } from './telemetry/telemetry.ts';
import { startTracing } from './telemetry/tracing.ts';

export interface Sidecar {
  url: string;
  /** The id of this process as an owner of streams; left out if everything is in memory. */
  owner?: string;
  /** Hands over the streams that still run after `drainMs`, and closes everything. */
  stop(drainMs: number): Promise<void>;
}

const ANALYTICS_FLUSH_MS = 5000;
/** The roles of members with open responses are read again this often, in case the announcement of a change was lost. */
const ROLES_READ_MS = 5000;
const MEMORY_SAMPLE_MS = 60_000;
const LARGE_READS_AT_ONCE = 2;
/** Public pages with connected readers are checked this often, in case the announcement of a change was lost. */
const SHARES_CHECKED_MS = 5000;

/** @throws the error that prevented the start. Everything that was opened before is closed again. */
export async function startSidecar({ config, log }: { config: Config; log: Log }): Promise<Sidecar> {
  // When a resource is opened, the function that closes it is added here. These functions run in reverse order.
  await using opened = new AsyncDisposableStack();
  const stores = await openStores({ config, log });
  opened.defer(() => stores.close());
  const { store, sweep, chatStore, readerCounts, owner } = stores;
  const { ttlMs, leaseMs, recovery, stallTimeoutMs, firstTokenTimeoutMs, answerTimeoutMs, streamMaxBytes } = config;
  const models = createModels(config.models, { log });
  const metrics = createMetrics({
    modelLabel: createModelLabel(models.list()),
    redisHealth: stores.redisHealth,
    cleanupIntervalMs: config.cleanupIntervalMs,
  });
  const analytics = createAnalytics({ store: stores.analyticsStore });
  const tracing = config.otlpEndpoint === undefined ? undefined : await startTracing({ endpoint: config.otlpEndpoint });
  opened.defer(() => tracing?.stop());
  opened.defer(() => analytics.flush().catch((error: unknown) => log.warn({ event: 'analytics.unsaved', error })));
  const telemetry = fanOut([
    createLifecycleLog(log, { owner }),
    metrics.telemetry,
    analytics.telemetry,
    tracing?.telemetry ?? noTelemetry,
  ]);
  const quota = createQuota({
    usage: stores.usageStore,
    limits: config.quota,
    roomBytes: stores.roomBytes,
    ttlMs,
    chatTtlMs: config.chatTtlMs,
  });
  const packing = stores.packStore && { store: stores.packStore, afterMs: config.packAfterMs };
  const settler = createSettler({ store, chats: chatStore, log, quota, packing });
  const manager = createStreamManager({
    store,
    chats: chatStore,
    settler,
    resolveModel: (modelId) => models.resolve(modelId).model,
    quota,
    messagesPerChat: config.messagesPerChat,
    queuedPerChat: config.queuedPerChat,
    admission: createAdmission({ store: stores.admissionStore, streams: store, limits: config.admission }),
    telemetry,
    log,
    secret: config.secret,
    settings: {
      recovery,
      leaseMs,
      stallTimeoutMs,
      firstTokenTimeoutMs,
      answerTimeoutMs,
      streamMaxBytes,
      keptMs: ttlMs,
    },
  });
  let drainMs = 0;
  const cleanup = createStreamCleanup({
    store,
    sweep,
    chats: chatStore,
    settler,
    ender: manager.ender,
    recovery: manager.recovery,
    quota,
    packing,
    telemetry,
    ttlMs,
    leaseMs,
    isStopping: () => manager.isDraining,
  });
  const roles = createRoleWatch({ rooms: chatStore.rooms });
  const responses = createOpenResponses({ roles });
  store.onAnnouncement((announcement) => {
    if (announcement.type === 'access') roles.check(announcement);
  });
  const feeds = createFeeds({ store: stores.feedStore, limits: config.feeds });
  metrics.watch({
    generations: () => manager.generating,
    followed: () => manager.streams.followed,
    readers: () => responses.count,
    feeds: () => feeds.count,
    isDraining: () => manager.isDraining,
  });
  const lane = createLane({ width: LARGE_READS_AT_ONCE });
  const shareEnds = createShareEnds({ store: stores.shareStore, streams: store, quota });
  const chats = createChats({ chats: chatStore, store, settler, manager, quota, shareEnds, lane });
  const shares = openShares({
    store: stores.shareStore,
    ends: shareEnds,
    streams: store,
    chats,
    chatStore,
    quota,
    telemetry,
    limits: config.shares,
    forkLimits: config.forks,
    lane,
  });
  const server = createServer({
    authenticate: createAuth({ secret: config.secret }),
    access: createAccess({ rooms: chatStore.rooms, guestsMayEdit: config.rooms.guestsMayEdit, manager }),
    manager,
    store,
    cleanup,
    allActive: () => listAllActive({ sweep, manager, readerCounts, chats: chatStore }),
    oneActive: (streamId) => findActive(streamId, { manager, readerCounts, chats: chatStore }),
    responses,
    feeds,
    telemetry,
    tracing,
    log,
    chats,
    ...shares,
    say: createSay({ chats: chatStore, store, quota, maxMessages: config.messagesPerChat }),
    searchChats: createSearch({ chats: chatStore, lane }),
    forkChat: createForkChat({
      chats: chatStore,
      store,
      settler,
      manager,
      telemetry,
      quota,
      limits: config.forks,
      lane,
    }),
    ...openRooms({ chats: chatStore, store, queue: manager.queue, settings: config.rooms }),
    ...openTemplates({
      store: stores.templateStore,
      quota,
      streams: store,
      manager,
      telemetry,
      defaultModelId: models.defaultModelId,
    }),
    models: () => ({
      models: models.list(),
      defaultModelId: models.defaultModelId,
      resumable: store.resumable,
      guestsMayEdit: config.rooms.guestsMayEdit,
    }),
    report: (query) => analytics.report(query),
    metrics: metrics.read,
    readiness: () => stores.readiness(),
    maxRequestBytes: config.maxRequestBytes,
    readers: config.readers,
    overload: config.overload,
    patienceMs: stallTimeoutMs,
  });
  opened.defer(() => server.close());

  const schedule = createSchedule({ log });
  opened.defer(() => schedule.stop());
  schedule.add({ name: 'roles', everyMs: ROLES_READ_MS, run: () => roles.checkAll() });
  schedule.add({ name: 'tick', everyMs: 1000, run: () => manager.tick() });
  schedule.add({ name: 'shares', everyMs: SHARES_CHECKED_MS, run: () => shares.shareReaders.check() });
  schedule.add({ name: 'recovery', everyMs: 1000, run: () => manager.recovery.sweep() });
  schedule.add({
    name: 'cleanup',
    everyMs: config.cleanupIntervalMs,
    run: async () => void (await cleanup.run({ action: 'expired' })),
  });
  if (packing) {
    const packer = createPacker({ ...packing, redisHealth: stores.redisHealth, log });
    schedule.add({ name: 'packing', everyMs: 1000, run: () => packer.run() });
  }
  schedule.add({ name: 'analytics', everyMs: ANALYTICS_FLUSH_MS, run: () => analytics.flush() });
  schedule.add({
    name: 'readers',
    everyMs: READERS_TOLD_MS,
    run: () => readerCounts.tell(manager.streams.readers()),
  });
  schedule.add({ name: 'memory', everyMs: MEMORY_SAMPLE_MS, run: () => analytics.sampleMemory() });
  analytics.sampleMemory().catch(() => {
    /* the schedule samples the memory again */
  });
  // Leases are not renewed by the schedule, because the schedule would skip a renewal while the previous one waits for Redis.
  const renew = (which: 'due' | 'all') =>
    void manager.heartbeat(which).catch(() => {
      /* the next heartbeat repeats the renewal */
    });
  const lease = setInterval(() => renew('due'), leaseMs / BEATS_PER_LEASE);
  opened.defer(() => clearInterval(lease));
  store.onReturn(() => renew('all'));

  opened.defer(() => responses.stop());
  opened.defer(() => responses.cutAll());
  opened.defer(() => manager.drain(drainMs));
  const url = await server.listen({ host: config.host, port: config.port });

  const running = opened.move();
  return {
    url,
    owner,
    async stop(givenMs) {
      drainMs = givenMs;
      await running.disposeAsync();
    },
  };
}

async function main(): Promise<void> {
  const begunAt = performance.now();
  const config = readConfig(process.env);
  const log = createLog({ level: config.logLevel });
  const sidecar = await startSidecar({ config, log });
  const { url, owner } = sidecar;
  const afterMs = Math.round(performance.now() - begunAt);
  log.info({ event: 'sidecar.listening', url, store: config.redis ? 'redis' : 'memory', owner, afterMs });

  let isStopping = false;
  const stop = (signal: string) => {
    if (isStopping) process.exit(1); // a second signal ends the process immediately
    isStopping = true;
    log.info({ event: 'sidecar.stopping', signal });
    sidecar.stop(config.drainMs).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ event: 'sidecar.failed', error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('uncaughtException', (error) => {
    // The process may be in a broken state.
    log.error({ event: 'sidecar.failed', error });
    process.exit(1);
  });
}

/** Returns a text for the operator if the sidecar cannot listen at its address. Returns any other error unchanged. */
function whyNotStarted(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return error;
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const where = `${address}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return `sidecar: Another program listens on ${where}. Set SIDECAR_PORT to another port, or end that program.`;
    case 'EACCES':
      return `sidecar: This user may not listen on ${where}. Set SIDECAR_PORT to a port above 1023.`;
    default:
      return `sidecar: Cannot listen on ${where} (${code}). HOST must be an address of this machine.`;
  }
}

if (import.meta.main) {
  try {
    process.loadEnvFile();
  } catch {
    // there is no .env: settings come from the environment or have their defaults
  }
  main().catch((error: unknown) => {
    console.error(error instanceof ConfigError ? error.message.replaceAll(/^/gm, 'sidecar: ') : whyNotStarted(error));
    process.exit(error instanceof ConfigError ? CONFIG_EXIT : 1);
  });
}
