import { setTimeout as delay } from 'node:timers/promises';
import { RejoinError } from '../../../shared/errors.ts';
import type { CleanupAnswer } from '../../../shared/stream/stream.ts';
import type { Quota } from '../../limits/quota.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { askerIdOf } from '../../store/streams/asked-by.ts';
import type { PackStore } from '../../store/streams/pack-store.ts';
import { isRunning, StoreUnavailable, type StreamStore } from '../../store/streams/stream-store.ts';
import type { SweepStore, SweptPart, SweptStream } from '../../store/streams/sweep-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Ender } from '../end/ender.ts';
import type { Settler } from '../end/settle.ts';
import type { Recovery } from './recovery.ts';

type Pointer = SweptPart['pointers'][number];

export interface StreamCleanupOptions {
  store: StreamStore;
  sweep: SweepStore;
  chats: ChatStore;
  settler: Settler;
  ender: Ender;
  recovery: Pick<Recovery, 'recover'>;
  telemetry: Telemetry;
  /** If it is left out, stored bytes are not counted, and a person's own cleanup finds only their running streams. */
  quota?: Pick<Quota, 'release' | 'streamsOf'>;
  /** If it is left out, logs are not packed. */
  packing?: { store: Pick<PackStore, 'note'>; afterMs: number };
  ttlMs: number;
  leaseMs: number;
  isStopping?: () => boolean;
  /** Replaced by tests. */
  pause?: (ms: number) => Promise<unknown>;
}

export interface CleanupRequest {
  /** What is removed. `expired`: streams that ended longer ago than the TTL. `force`: all streams that have ended or lost their owner. */
  action: CleanupAnswer['action'];
  /** Only this person's streams. Default: everybody's. */
  userId?: string;
  /** A sweep of everybody's streams stops after this time; if it is unfinished, its answer has `more`. Default: no limit. */
  withinMs?: number;
}

/** A person may clean up this often in a minute. */
const OWN_PER_MINUTE = 30;
const AT_ONCE = 32;
/**
 * A person's own cleanup repairs the pointers of this many of the person's latest chats. The pointer of an older chat is repaired
 * when the chat is opened.
 */
const OWN_CHATS = 50;
/** The lock of a sweep expires after this time, so that another sidecar can sweep if this process dies. */
const LOCK_MS = 60_000;
/** An unfinished sweep notes where it stopped. For this long, a later sweep with the same action goes on from there. */
const PLACE_KEPT_MS = 300_000;
/** After each read the sweep pauses for this many times the duration of the read, so that it uses about 5 % of Redis's time. */
const PAUSE_FACTOR = 19;
const MAX_PAUSE_MS = 10_000;
const pauseAfter = (askedAt: number): number => Math.min((performance.now() - askedAt) * PAUSE_FACTOR, MAX_PAUSE_MS);

export interface StreamCleanup {
  /** `null` if everybody's streams are already being swept, here or by another sidecar. */
  run(request: CleanupRequest): Promise<CleanupAnswer | null>;
}

/**
 * PROTOCOL.md 9: removes what has expired and repairs the indexes (each person's set of active streams, the index of all active
 * streams, the pointers of conversations). An index is in another slot of a Redis Cluster than its streams. So the two cannot be
 * changed in one step, and the index may be wrong after a crash.
 */
export function createStreamCleanup({
  store,
  sweep,
  chats,
  settler,
  ender,
  recovery,
  telemetry,
  quota,
  packing,
  ttlMs,
  leaseMs,
  isStopping = () => false,
  pause = (ms) => delay(ms, undefined, { ref: false }),
}: StreamCleanupOptions): StreamCleanup {
  let isSweeping = false;

  /** Cleans up one person's own streams. It takes no lock, so it can run at the same time as any other cleanup. */
  async function runOwn(userId: string, action: CleanupAnswer['action']): Promise<CleanupAnswer> {
    const answer: CleanupAnswer = { action, scanned: 0, removed: 0, mended: 0, recovered: 0 };
    const [active, held] = await Promise.all([store.userStreams(userId), quota?.streamsOf(userId) ?? []]);
    const isActive = new Set(active);
    const streamIds = [...new Set([...active, ...held])];
    for (let i = 0; i < streamIds.length; i += AT_ONCE) {
      await Promise.all(
        streamIds.slice(i, i + AT_ONCE).map(async (streamId) => {
          const meta = await store.meta(streamId);
          if (meta === null) {
            if (!isActive.has(streamId)) return;
            await store.unindexMissing(streamId, userId);
            answer.mended += 1;
            return;
          }
          if (meta.userId !== userId) {
            if (isActive.has(streamId) && (await mend(streamId, userId))) answer.mended += 1;
            return;
          }
          answer.scanned += 1;
          const { status, chatId, lastActivity } = meta;
          if (!isRunning(status) && isActive.has(streamId) && (await mend(streamId, userId))) answer.mended += 1;
          const isOwned = status === 'active' && (meta.leaseLeftMs > 0 || meta.isHandedOver);
          const stream = { streamId, userId, chatId, status, isOwned, lastActivity };
          if (!(await leftByDeletions([stream])).has(stream)) await attend(stream, action, answer);
          else if (await removeLeft(stream)) answer.removed += 1;
        }),
      );
    }
    const { chats: heads } = await chats.list(userId, { before: null, limit: OWN_CHATS });
    for (const { chatId, stream, streamAt } of heads) {
      if (stream !== null && (await mendPointer({ userId, chatId, streamId: stream, streamAt: streamAt ?? '' })))
        answer.mended += 1;
    }
    return answer;
  }

  /**
   * Sweeps everybody's streams in independent parts: a sweep can stop after any part and go on later. A stream that is just being
   * created may be removed from the indexes, because it does not exist yet. Its heartbeat adds it again.
   */
  async function run({ action, withinMs }: CleanupRequest): Promise<CleanupAnswer> {
    const answer: CleanupAnswer = { action, scanned: 0, removed: 0, mended: 0, recovered: 0 };
    const startedAt = performance.now();
    const indexed = new Set<string>();
    for await (const streamIds of sweep.indexed()) for (const streamId of streamIds) indexed.add(streamId);
    const streamIds = [...indexed];
    for (let i = 0; i < streamIds.length; i += AT_ONCE) {
      const askedAt = performance.now();
      const isMended = await Promise.all(streamIds.slice(i, i + AT_ONCE).map((streamId) => mend(streamId, '')));
      answer.mended += isMended.filter(Boolean).length;
      await pause(pauseAfter(askedAt));
    }

    const noted = placeIn(await sweep.place(), action);
    for (let from = noted; ;) {
      const askedAt = performance.now();
      const part = await sweep.walk(from);
      const pauseMs = pauseAfter(askedAt);
      await attendTo(part, { action, indexed, answer });
      from = part.next;
      if (from === null) break;
      await sweep.notePlace(`${action} ${from}`, PLACE_KEPT_MS);
      if (performance.now() - startedAt + pauseMs > (withinMs ?? Infinity)) return { ...answer, more: true };
      await pause(pauseMs);
      if (isStopping() || !(await sweep.keepLock(LOCK_MS))) return { ...answer, more: true };
    }
    if (noted !== null || (await sweep.place()) !== '') await sweep.notePlace('', PLACE_KEPT_MS);
    return answer;
  }

  /**
   * Streams that have ended or lost their owner, and whose chat is gone. A chat is created before its streams and expires after
   * them. So the chat was deleted, and the process that deleted it died before it removed these streams.
   */
  async function leftByDeletions(batch: readonly SweptStream[]): Promise<Set<SweptStream>> {
    const left = batch.filter(
      ({ status, chatId, isOwned }) => chatId !== '' && (!isRunning(status) || (status !== 'queued' && !isOwned)),
    );
    const heads = await Promise.all(left.map(({ userId, chatId }) => chats.head(userId, chatId)));
    return new Set(left.filter((_stream, i) => heads[i] === null));
  }

  async function attendTo(
    { streams, userSets, pointers }: SweptPart,
    { action, indexed, answer }: { action: CleanupAnswer['action']; indexed: Set<string>; answer: CleanupAnswer },
  ): Promise<void> {
    const running = new Set<string>();
    const left = await leftByDeletions(streams);
    for (const stream of streams) {
      const { streamId, status } = stream;
      answer.scanned += 1;
      if (!left.has(stream)) await attend(stream, action, answer);
      else if (await removeLeft(stream)) answer.removed += 1;
      if (!isRunning(status)) continue;
      running.add(streamId);
      if (status === 'queued') continue;
      if (indexed.has(streamId)) continue;
      const meta = await store.meta(streamId);
      if (meta !== null && isRunning(meta.status))
        await store.index([{ streamId, userId: askerIdOf(meta) }]).catch(ignoreUnavailable);
    }
    // Ended streams are noted for packing when they end. A crash may have prevented that.
    const unpacked = streams.filter(({ status, isPacked }) => !isRunning(status) && !isPacked);
    await packing?.store.note(
      unpacked.map(({ streamId }) => streamId),
      packing.afterMs,
    );
    for (const { userId, streamIds } of userSets) {
      for (const streamId of streamIds)
        if (!running.has(streamId) && (await mend(streamId, userId))) answer.mended += 1;
    }
    for (const pointer of pointers) if (await mendPointer(pointer)) answer.mended += 1;
  }

  /**
   * Repairs a chat that points at a stream that has ended or does not exist, or that has not begun although its turn was chosen.
   * True if something was repaired.
   */
  async function mendPointer({ userId, chatId, streamId, streamAt }: Pointer): Promise<boolean> {
    if (Date.now() - Date.parse(streamAt) < leaseMs) return false;
    const meta = await store.meta(streamId);
    if (meta?.status === 'queued') return recovery.recover(streamId);
    if (meta && isRunning(meta.status)) return false;
    if (meta) await settler.settleFromLog(streamId, meta);
    // After Redis was away, the stream may come back: its owner writes it again if Redis has lost it.
    else if (store.wasAway()) return false;
    else await chats.unpoint(userId, chatId, streamId);
    return true;
  }

  /**
   * Removes an index entry whose stream has ended or does not exist. If the stream is just being created, its heartbeat adds the
   * entry again. `owner`: the person in whose set the stream was found; '' if it was found in the index of all active streams.
   */
  async function mend(streamId: string, owner: string): Promise<boolean> {
    const meta = await store.meta(streamId);
    if (meta && isRunning(meta.status)) return false;
    if (meta) await settler.settleFromLog(streamId, meta);
    else await store.unindex(streamId, owner);
    return true;
  }

  async function attend(
    stream: Omit<SweptStream, 'isPacked'>,
    action: CleanupAnswer['action'],
    answer: CleanupAnswer,
  ): Promise<void> {
    const { streamId } = stream;
    // The stream of a waiting turn is never removed here. If the turn was chosen, recovery begins the stream. If the turn was
    // removed from the queue, recovery ends the stream.
    if (stream.status === 'queued') {
      if (await recovery.recover(streamId)) answer.recovered += 1;
      return;
    }
    const runs = isRunning(stream.status);
    const isExpired = !runs && Date.now() - Date.parse(stream.lastActivity) > ttlMs;
    if (isExpired || (action === 'force' && !stream.isOwned)) {
      if (runs) await end(streamId);
      if (await remove(streamId)) answer.removed += 1;
    } else if (runs && !stream.isOwned && (await recovery.recover(streamId))) {
      answer.recovered += 1;
    }
  }

  async function removeLeft({ streamId, status }: Pick<SweptStream, 'streamId' | 'status'>): Promise<boolean> {
    if (isRunning(status)) await end(streamId);
    return remove(streamId);
  }

  /** Ends a stream that has no owner. This is done before the stream is removed, so that its text stays in the conversation. */
  async function end(streamId: string): Promise<void> {
    const error = { code: 'abandoned', text: 'The answer was ended by a cleanup. What was written is kept.' } as const;
    await ender.end(streamId, 'error', error);
  }

  async function remove(streamId: string): Promise<boolean> {
    const meta = await store.meta(streamId);
    if (meta === null) return false;
    await settler.settleFromLog(streamId, meta);
    if ((await store.remove(streamId, 'idle')) !== 'removed') return false;
    await store.announce({ type: 'sealed', streamId });
    await store.unindex(streamId, askerIdOf(meta));
    await chats.unpoint(meta.userId, meta.chatId, streamId);
    const head = await chats.head(meta.userId, meta.chatId);
    const chatId = head === null ? meta.chatId : undefined;
    await quota?.release({ userId: meta.userId, address: head?.address ?? null, chatId, streamIds: [streamId] });
    return true;
  }

  return {
    async run(request) {
      if (request.userId !== undefined) {
        if ((await sweep.countCleanup(request.userId)) > OWN_PER_MINUTE) {
          throw new RejoinError('rate_limited', {
            detail: `You can clean up ${OWN_PER_MINUTE} times a minute.`,
            retryAfterSeconds: 60,
          });
        }
        return runOwn(request.userId, request.action);
      }
      if (isSweeping || !(await sweep.lockSweep(LOCK_MS))) return null;
      isSweeping = true;
      const startedAt = performance.now();
      try {
        const answer = await run(request);
        telemetry.swept(answer, performance.now() - startedAt);
        return answer;
      } finally {
        isSweeping = false;
        await sweep.unlockSweep();
      }
    },
  };
}

/** The place at which a sweep with this action goes on; `null` if it begins at the beginning. */
const placeIn = (noted: string, action: CleanupAnswer['action']): string | null =>
  noted.startsWith(`${action} `) ? noted.slice(action.length + 1) : null;

/** An index is only a hint, so it does not matter if Redis is away, or is full and refuses the entry. */
function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailable)) throw error;
}
