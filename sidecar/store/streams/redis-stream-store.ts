import type { Author } from '../../../shared/chat/rooms.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';
import { STARTING_MS } from '../counts/admission-store.ts';
import {
  ACTIVE_STREAMS,
  ANNOUNCEMENTS,
  bellChannel,
  chatKey,
  logKey,
  metaKey,
  stateKey,
  startsKey,
  userStreamsKey,
} from '../redis/keys.ts';
import { roleRefusal, type RoleRefusal } from '../rooms/role-refusal.ts';
import { createLogReader } from './redis-log-reader.ts';
import { createRedisBells } from '../redis/redis-bells.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type {
  Announcement,
  AppendResult,
  Batch,
  CloseResult,
  Lease,
  Look,
  MetaStatus,
  NewStream,
  Renewal,
  RenewResult,
  StatePatch,
  StreamFacts,
  StreamMeta,
  StreamStore,
} from './stream-store.ts';

export interface RedisStreamStoreOptions {
  redis: RedisConnection;
  /** Identifies this process as the owner of its streams. */
  owner: string;
  leaseMs: number;
  /** How long an ended stream is kept after its last activity. */
  ttlMs: number;
  /** How long a stream that waits in a queue is kept. Default: `ttlMs`. A smaller value counts as `ttlMs`. */
  waitMs?: number;
}

/** Facts that only some streams have. */
const OPTIONAL_FACTS = ['queued', 'continueFrom', 'by'] as const;
const FACTS = [
  'userId',
  'chatId',
  'messageId',
  'modelId',
  'servedBy',
  'parentId',
  'startTime',
  'fingerprint',
  ...OPTIONAL_FACTS,
] as const satisfies readonly (keyof StreamFacts)[];
const META = [
  'status',
  'outcome',
  'epoch',
  'base',
  'sha256',
  'error',
  'owner',
  'lease',
  'lastActivity',
  'length',
  'released',
  'stoppedBy',
  ...FACTS,
] as const;

/** Maximum number of batches in one append, so that no call blocks Redis for long. */
const MAX_BATCHES = 128;
/** After `look` was called for a stream, appends to the stream send notifications for at least half of this time. */
const FOLLOWED_MS = 10_000;

/**
 * The store of streams in Redis. Each call that changes a stream is one script, so the change happens as a whole or not at all.
 *
 * This file is longer than others: it has every call of the interface, one after the other.
 */
export function createRedisStreamStore({
  redis,
  owner,
  leaseMs,
  ttlMs,
  waitMs = ttlMs,
}: RedisStreamStoreOptions): StreamStore {
  const { commands, bells, call } = redis;
  // Ten leases or longer, so that an active stream does not expire while its owner renews it, even if `ttlMs` is short.
  const activeTtl = String(Math.max(ttlMs, 10 * leaseMs));
  const endedTtl = String(ttlMs);
  // A tombstone marks a removed stream. If the owner cannot reach Redis during the removal, the tombstone must still be there when
  // the owner reaches Redis again. Otherwise the owner would take the removed stream for a lost one, and write it again.
  const tombstoneTtl = activeTtl;
  const lease = String(leaseMs);
  const subscriptions = createRedisBells(redis);
  let clockOffsetMs = 0;

  const factArgs = (facts: StreamFacts) =>
    FACTS.flatMap((name) => (facts[name] === undefined ? [] : [name, facts[name]]));
  const patchArgs = (patches: readonly StatePatch[]) => patches.flatMap(({ offset, bytes }) => [String(offset), bytes]);

  /**
   * On a single server, runs one call for all items. In a Cluster, runs one call for each item, because each stream is in its own
   * slot. If one of these calls fails, its item gets the result `unknown`.
   */
  async function perSlot<T, R>(
    items: readonly T[],
    unknown: R,
    run: (some: readonly T[]) => Promise<R[]>,
  ): Promise<R[]> {
    if (!redis.isCluster) return run(items);
    const replies = await Promise.allSettled(items.map((item) => run([item])));
    return replies.map((reply) => (reply.status === 'fulfilled' ? reply.value[0]! : unknown));
  }

  const placed = ([what, length]: readonly number[]): AppendResult => {
    switch (what) {
      case 0:
        return { what: 'appended', length: length! };
      case 1:
        return { what: 'elsewhere', length: length! };
      case 2:
        return { what: 'fenced' };
      default:
        return { what: 'gone' };
    }
  };

  return {
    resumable: true,
    batchesPerAppend: redis.isCluster ? 1 : MAX_BATCHES,
    seesChats: !redis.isCluster,
    wasAway: () => redis.wasAway(),
    onReturn: (listener) => redis.onReconnect(listener),

    async create({ streamId, facts, epoch, state, frames }: NewStream, only) {
      const pointer = only === 'pointed' ? [chatKey(facts.userId, facts.chatId)] : [];
      const created = (await call(
        commands.create(
          [stateKey(streamId), logKey(streamId), metaKey(streamId), ...pointer],
          [
            streamId,
            epoch,
            owner,
            lease,
            activeTtl,
            state,
            frames,
            'lastActivity',
            facts.startTime,
            ...factArgs(facts),
          ],
        ),
      )) as 1 | 0 | -1;
      return created === 1 ? 'created' : created === 0 ? 'exists' : 'unpointed';
    },

    async wait({ streamId, facts, epoch, state }) {
      const created = await call(
        commands.wait(
          [stateKey(streamId), metaKey(streamId)],
          [epoch, String(Math.max(waitMs, ttlMs)), state, 'lastActivity', facts.startTime, ...factArgs(facts)],
        ),
      );
      return created === 1;
    },

    async begin({ streamId, epoch, state, frames, startTime }) {
      const begun = await call(
        commands.begin(
          [stateKey(streamId), logKey(streamId), metaKey(streamId)],
          [epoch, owner, lease, activeTtl, state, frames, bellChannel(streamId), startTime],
        ),
      );
      return begun === 1;
    },

    async append(batches: readonly Batch[]) {
      const keys: string[] = [];
      // All bytes are one argument. For each argument that is a Buffer, node-redis makes two writes to its socket.
      const args: (string | Buffer)[] = [Buffer.concat(batches.map(({ bytes }) => bytes))];
      for (const { streamId, epoch, position, bytes } of batches) {
        keys.push(logKey(streamId), metaKey(streamId));
        args.push(epoch, String(position), String(bytes.length));
      }
      const flat = (await call(commands.append(keys, args))) as number[];
      return batches.map((_batch, i) => placed([flat[2 * i]!, flat[2 * i + 1]!]));
    },

    read: createLogReader(redis),

    async meta(streamId) {
      const [fields, logLength] = await call(
        Promise.all([commands.hmGet(metaKey(streamId), [...META]), commands.strLen(logKey(streamId))]),
      );
      const meta = Object.fromEntries(META.map((name, i) => [name, fields[i]])) as Record<
        (typeof META)[number],
        string | null
      >;
      if (meta.status === null || meta.status === 'deleted') return null;
      const isOptional = (name: string) => (OPTIONAL_FACTS as readonly string[]).includes(name);
      const facts = Object.fromEntries(
        FACTS.filter((name) => !isOptional(name) || meta[name] !== null).map((name) => [name, meta[name] ?? '']),
      ) as unknown as StreamFacts;
      return {
        ...facts,
        status: meta.status as MetaStatus,
        outcome: meta.outcome as StreamOutcome | null,
        epoch: meta.epoch ?? '',
        base: Number(meta.base),
        // If the log is packed, its unpacked length is in meta.
        length: meta.length === null ? logLength : Number(meta.length),
        sha256: meta.sha256,
        error: meta.error === null ? null : (JSON.parse(meta.error) as StreamError),
        ...(meta.stoppedBy === null ? {} : { stoppedBy: JSON.parse(meta.stoppedBy) as Author }),
        owner: meta.owner ?? '',
        leaseLeftMs: Number(meta.lease) - (Date.now() + clockOffsetMs),
        isHandedOver: meta.released !== null,
        lastActivity: meta.lastActivity ?? facts.startTime,
      } satisfies StreamMeta;
    },

    state: (streamId) => call(commands.get(stateKey(streamId))),

    renew: (renewals) =>
      perSlot<Renewal, RenewResult>(renewals, { what: 'unknown' }, async (some) => {
        const keys: string[] = [];
        const moreKeys: string[] = [];
        const epochs: string[] = [];
        const activities: string[] = [];
        let digits = '';
        for (const { streamId, epoch, lastActivity, isFull } of some) {
          keys.push(metaKey(streamId));
          epochs.push(epoch);
          if (isFull) moreKeys.push(stateKey(streamId), logKey(streamId));
          if (lastActivity !== undefined) activities.push(lastActivity);
          digits += (lastActivity === undefined ? 0 : 1) + (isFull ? 2 : 0);
        }
        const args = [lease, activeTtl, digits, ...epochs, ...activities];
        const replies = (await call(commands.renew([...keys, ...moreKeys], args))) as number[];
        return replies.map((reply): RenewResult =>
          reply === -2 ? { what: 'fenced' } : reply === -3 ? { what: 'gone' } : { what: 'renewed', deadline: reply },
        );
      }),

    release: async ({ streamId, epoch }: Lease) => (await call(commands.release([metaKey(streamId)], [epoch]))) === 1,

    async claim(streamId, suffix) {
      const reply = (await call(
        commands.claim([logKey(streamId), metaKey(streamId)], [suffix, owner, lease, redis.isCalm() ? '1' : '0']),
      )) as unknown[];
      switch (reply[0]) {
        case 'claimed': {
          const numbers = reply as [string, string, number, number, number, number, number];
          const [, epoch, length, base, lapses, barren, released] = numbers;
          return { what: 'claimed', epoch, length, base, lapses, barren, isHandover: released === 1 };
        }
        case 'sealed':
          return { what: 'sealed', forMs: reply[1] as number };
        case 'ended':
          return { what: 'ended', status: reply[1] as StreamOutcome };
        case 'queued':
          return { what: 'queued' };
        case 'leased':
          return { what: 'leased', leftMs: reply[1] as number };
        default:
          return { what: 'gone' };
      }
    },

    async rebase({ streamId, epoch, position, bytes }: Batch) {
      return placed(
        (await call(
          commands.rebase(
            [logKey(streamId), metaKey(streamId)],
            [epoch, String(position), bytes, bellChannel(streamId)],
          ),
        )) as number[],
      );
    },

    async rewrite({ streamId, facts, epoch, state, frames }: NewStream, lostEpoch: string) {
      const written = await call(
        commands.rewrite(
          [stateKey(streamId), logKey(streamId), metaKey(streamId)],
          [
            lostEpoch,
            epoch,
            owner,
            lease,
            activeTtl,
            state,
            frames,
            bellChannel(streamId),
            'lastActivity',
            new Date().toISOString(),
            ...factArgs(facts),
          ],
        ),
      );
      return written === 1;
    },

    async seal(streamId, { suffix, outcome, error, ownerEpoch, member, stoppedBy }) {
      const chat = member && !redis.isCluster ? [chatKey(member.ownerId, member.chatId)] : [];
      const reply = (await call(
        commands.seal(
          [logKey(streamId), metaKey(streamId), ...chat],
          [
            suffix,
            outcome,
            error === null ? '' : JSON.stringify(error),
            ownerEpoch ?? '',
            member?.userId ?? '',
            stoppedBy ? JSON.stringify(stoppedBy) : '',
          ],
        ),
      )) as [number, MetaStatus, StreamOutcome | '', string, number, number] | [RoleRefusal] | [];
      if (reply.length === 0) return null;
      if (reply.length === 1) throw roleRefusal(reply[0]);
      const [won, status, decided, epoch, length, leaseLeftMs] = reply;
      return { won: won === 1, status, outcome: decided === '' ? null : decided, epoch, length, leaseLeftMs };
    },

    async close({ streamId, epoch, finalEpoch, position, frames, outcome, error, sha256, lastActivity, state }) {
      const [what, , length, patched] = (await call(
        commands.close(
          [stateKey(streamId), logKey(streamId), metaKey(streamId)],
          [
            epoch,
            finalEpoch,
            String(position),
            frames,
            outcome,
            error === null ? '' : JSON.stringify(error),
            endedTtl,
            bellChannel(streamId),
            sha256,
            lastActivity,
            String(state.length),
            ...patchArgs(state.patches),
          ],
        ),
      )) as [CloseResult['what'], string, number, number];
      return what === 'closed' ? { what, length, isPatched: patched === 1 } : { what, length };
    },

    async checkpoint(streamId, epoch, length, patches) {
      const written = await call(
        commands.checkpoint(
          [stateKey(streamId), metaKey(streamId)],
          [epoch, String(length), activeTtl, ...patchArgs(patches)],
        ),
      );
      return written === 1;
    },

    async remove(streamId, which) {
      const removed = await call(
        commands.remove(
          [stateKey(streamId), logKey(streamId), metaKey(streamId)],
          [which, tombstoneTtl, bellChannel(streamId)],
        ),
      );
      return removed === 1 ? 'removed' : removed === -1 ? 'owned' : 'none';
    },

    look: (streamIds) =>
      perSlot<string, Look>(streamIds, 'unknown', async (some) => {
        const keys = some.flatMap((streamId) => [logKey(streamId), metaKey(streamId)]);
        const flat = (await call(commands.look(keys, [String(FOLLOWED_MS)]))) as (string | number)[];
        return some.map((_streamId, i): Look => {
          const [status, length, base, leaseLeftMs] = flat.slice(4 * i, 4 * i + 4) as [
            MetaStatus | '',
            number,
            number,
            number,
          ];
          return status === '' ? null : { status, length, base, leaseLeftMs };
        });
      }),

    async listen(streamId, onBell) {
      const stop = await subscriptions.listen(bellChannel(streamId), onBell);
      // After `look`, each append to this stream publishes a notification.
      await call(commands.look([logKey(streamId), metaKey(streamId)], [String(FOLLOWED_MS)])).catch(
        (error: unknown) => {
          stop();
          throw error;
        },
      );
      return stop;
    },

    announce: async (announcement) => void (await call(commands.publish(ANNOUNCEMENTS, JSON.stringify(announcement)))),

    onAnnouncement(listener) {
      const onMessage = (message: Buffer) => listener(JSON.parse(message.toString()) as Announcement);
      let isSubscribed = false;
      const subscribe = async () => {
        if (isSubscribed) return;
        isSubscribed = true;
        await bells.subscribe(ANNOUNCEMENTS, onMessage).catch((error: unknown) => {
          isSubscribed = false;
          throw error;
        });
      };
      // A failed subscription is tried again each time Redis is back. After one success, node-redis renews the subscription by itself.
      subscribe().catch(() =>
        redis.onReconnect(
          () =>
            void subscribe().catch(() => {
              /* tried again when Redis is back the next time */
            }),
        ),
      );
    },

    async index(streams) {
      if (streams.length === 0) return;
      const people = streams.filter(({ userId }) => userId !== undefined);
      await call(
        Promise.all([
          commands.zAdd(
            ACTIVE_STREAMS,
            streams.map(({ streamId, deadline, inMs }) => ({
              value: streamId,
              score: deadline ?? Date.now() + clockOffsetMs + (inMs ?? leaseMs),
            })),
          ),
          ...people.map(({ streamId, userId }) => commands.sAdd(userStreamsKey(userId!), streamId)),
        ]),
      );
    },

    async unindex(streamId, userId) {
      await call(
        Promise.all([commands.zRem(ACTIVE_STREAMS, streamId), commands.sRem(userStreamsKey(userId), streamId)]),
      );
    },

    unindexUser: async (streamId, userId) => void (await call(commands.sRem(userStreamsKey(userId), streamId))),
    async unindexMissing(streamId, userId) {
      const key = userStreamsKey(userId);
      await call(commands.forget([key, startsKey(key)], [streamId, String(STARTING_MS)]));
    },

    async due(limit) {
      const [seconds, microseconds] = await call(commands.time());
      const now = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
      clockOffsetMs = now - Date.now();
      // `isCalm` is false shortly after Redis was away. During this time an expired lease does not prove that its owner is lost, so
      // only streams with score 0 are due: their owners have given up their leases.
      return call(
        commands.zRange(ACTIVE_STREAMS, 0, redis.isCalm() ? now : 0, {
          BY: 'SCORE',
          LIMIT: { offset: 0, count: limit },
        }),
      );
    },

    userStreams: (userId) => call(commands.sMembers(userStreamsKey(userId))),
  };
}
