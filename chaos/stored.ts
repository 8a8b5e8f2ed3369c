import { createClient, createCluster, RESP_TYPES } from 'redis';
import { pause } from '../scripts/shared/wait.ts';
import { tell, type TestCluster } from '../testing/redis-cluster.ts';
import { unpackLog } from '../sidecar/store/streams/packed-log.ts';
import type { StoredStream } from './checker.ts';
import { isRedisCluster, type Cluster } from './cluster.ts';

/** Looks into Redis directly, past all sidecars and proxies. */
export interface RedisView {
  stream(streamId: string): Promise<StoredStream | null>;
  /** The streams that are still in an index: in `active_streams`, which recovery reads, or in `user_streams:<userId>`. */
  indexed(): Promise<string[]>;
  /** Conversations that still point at a stream. */
  pointers(): Promise<string[]>;
  /**
   * Turns that still wait: the keys of queues, and the fields that conversations have for waiting turns. `leaveOutHeld`: leaves
   * out queues that are held until a person resumes them. If Redis loses its latest data, a queue may be held again when nobody
   * is left to resume it.
   */
  waiting(options: { leaveOutHeld: boolean }): Promise<string[]>;
  packed(): Promise<number>;
  close(): void;
}

const LOOK = `
  local log = redis.call('GET', KEYS[1])
  if not log then return {} end
  local found = redis.call('HGETALL', KEYS[2])
  table.insert(found, 1, redis.call('GET', KEYS[3]) or '')
  table.insert(found, 1, log)
  return found`;

const RETRY_MS = 100;
const socket = { reconnectStrategy: () => RETRY_MS, connectTimeout: 2000, socketTimeout: 5000 };

const singleClient = (url: string) => createClient({ url, socket });

/** A client that bypasses all proxies. It has the type of a client for a single server, because the same commands are used. */
function clusterClient({ nodes }: TestCluster): ReturnType<typeof singleClient> {
  const direct = nodes.map(({ redis, network }) => [`127.0.0.1:${network!.port}`, redis.port] as const);
  return createCluster({
    rootNodes: nodes.map(({ redis }) => ({ url: redis.url })),
    nodeAddressMap: Object.fromEntries(direct.map(([known, port]) => [known, { host: '127.0.0.1', port }])),
    minimizeConnections: true,
    topologyRefreshOnReconnectionAttemptStrategy: 500,
    defaults: { socket, disableOfflineQueue: true, pingInterval: 1000 },
  }) as unknown as ReturnType<typeof singleClient>;
}

const REDIS_BACK_WITHIN_MS = 30_000;

export async function viewRedis(redis: Cluster['redis']): Promise<RedisView> {
  const client = isRedisCluster(redis) ? clusterClient(redis) : singleClient(redis.url);
  client.on('error', () => {
    /* Redis is killed now and then; failed commands are repeated */
  });
  await client.connect();
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });

  async function patiently<T>(ask: () => Promise<T>): Promise<T> {
    const until = Date.now() + REDIS_BACK_WITHIN_MS;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (Date.now() > until) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  async function keys(pattern: string): Promise<string[]> {
    const found: string[] = [];
    for (const server of isRedisCluster(redis) ? (await redis.masters()).map((master) => master.redis) : [redis])
      await tell(server, async (each) => {
        for await (const batch of each.scanIterator({ MATCH: pattern, COUNT: 1000 })) found.push(...batch);
      });
    return found;
  }

  return {
    stream: (streamId) =>
      patiently(async () => {
        // One script reads the log and its meta, so that both are from the same moment.
        const [log, state, ...values] = (await binary.eval(LOOK, {
          keys: [`{stream:${streamId}}:log`, `{stream:${streamId}}:meta`, `stream:${streamId}`],
        })) as Buffer[];
        if (log === undefined) return null;
        const texts = values.map(String);
        const fields = Object.fromEntries(
          texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1]]] : [])),
        ) as Partial<Record<string, string>>;
        return {
          log: fields.packed === undefined ? log : unpackLog(log, fields.packed, state!),
          isPacked: fields.packed !== undefined,
          status: fields.status ?? '',
          base: Number(fields.base),
          sha256: fields.sha256 ?? null,
          epoch: fields.epoch ?? '',
          lapses: Number(fields.lapses),
          barren: Number(fields.barren),
          errorCode: fields.error ? (JSON.parse(fields.error) as { code: string }).code : null,
        };
      }),
    indexed: () =>
      patiently(async () => {
        const found = (await client.zRange('active_streams', 0, -1)).map((id) => `active_streams: ${id}`);
        for (const key of await keys('user_streams:*'))
          found.push(...(await client.sMembers(key)).map((id) => `${key}: ${id}`));
        return found;
      }),
    pointers: () =>
      patiently(async () => {
        const found: string[] = [];
        for (const key of await keys('chat:*')) {
          const streamId = await client.hGet(key, 'stream');
          if (streamId) found.push(`${key} → ${streamId}`);
        }
        return found;
      }),
    waiting: ({ leaveOutHeld }) =>
      patiently(async () => {
        const found = new Set(await keys('{chat:*}:queue'));
        for (const key of await keys('chat:*')) {
          const fields = (await client.hKeys(key)).filter((field) => /^q[mw]?:|^(paused|interrupted)$/.test(field));
          if (leaveOutHeld && fields.includes('paused')) found.delete(`{${key}}:queue`);
          else for (const field of fields) found.add(`${key} ${field}`);
        }
        return [...found];
      }),
    packed: () =>
      patiently(async () => {
        const metas = await keys('{stream:*}:meta');
        const fields = await Promise.all(metas.map((key) => client.hExists(key, 'packed')));
        return fields.filter((isPacked) => isPacked).length;
      }),
    close: () => client.destroy(),
  };
}
