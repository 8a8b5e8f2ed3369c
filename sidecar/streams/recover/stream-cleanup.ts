import type { CleanupAnswer } from '../../../shared/stream.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { isRunning, type StreamStore } from '../../store/streams/stream-store.ts';
import type { SweepStore, SweptStream } from '../../store/streams/sweep-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Ender } from '../end/ender.ts';
import type { Settler } from '../end/settle.ts';
import type { Recovery } from './recovery.ts';

export interface StreamCleanupOptions {
  store: StreamStore;
  sweep: SweepStore;
  chats: ChatStore;
  settler: Settler;
  ender: Ender;
  recovery: Pick<Recovery, 'recover'>;
  telemetry: Telemetry;
  ttlMs: number;
  leaseMs: number;
}

export interface CleanupRequest {
  /** `expired`: streams past their time. `force`: every stream that has ended or has no owner, now. */
  action: CleanupAnswer['action'];
  /** Only this person's streams. Default: everybody's. */
  userId?: string;
}

/** A sweep that takes longer than this loses the lock. */
const LOCK_MS = 60_000;

export interface StreamCleanup {
  /** `null` if another sidecar is sweeping. */
  run(request: CleanupRequest): Promise<CleanupAnswer | null>;
}

/**
 * PROTOCOL.md 9: removes what has expired and repairs the indexes (a person's set, the index of active streams, the pointers of
 * conversations). Indexes are hints in other slots and may be wrong after a crash.
 */
export function createStreamCleanup({
  store,
  sweep,
  chats,
  settler,
  ender,
  recovery,
  telemetry,
  ttlMs,
  leaseMs,
}: StreamCleanupOptions): StreamCleanup {
  async function run({ action, userId }: CleanupRequest): Promise<CleanupAnswer> {
    const answer: CleanupAnswer = { action, scanned: 0, removed: 0, mended: 0, recovered: 0 };
    const isTheirs = (owner: string) => userId === undefined || owner === userId;
    const running = new Map<string, string>();

    // Sets and index are read first. A stream that starts meanwhile is in them before it exists, and does not look like an orphan.
    const members: { userId: string; streamId: string }[] = [];
    for await (const sets of sweep.userSets()) {
      for (const set of sets)
        if (isTheirs(set.userId)) members.push(...set.streamIds.map((streamId) => ({ userId: set.userId, streamId })));
    }
    const indexed = new Set<string>();
    if (userId === undefined)
      for await (const streamIds of sweep.indexed()) for (const streamId of streamIds) indexed.add(streamId);

    for await (const batch of sweep.streams()) {
      for (const stream of batch) {
        if (!isTheirs(stream.userId)) continue;
        answer.scanned += 1;
        if (isRunning(stream.status)) running.set(stream.streamId, stream.userId);
        await attend(stream, action, answer);
      }
    }

    const orphans = new Map([...indexed].map((streamId) => [streamId, '']));
    for (const { userId: owner, streamId } of members) orphans.set(streamId, owner);
    for (const [streamId, owner] of orphans) {
      if (!running.has(streamId) && (await mend(streamId, owner))) answer.mended += 1;
    }
    for (const [streamId, owner] of running) {
      if (userId !== undefined || indexed.has(streamId)) continue;
      await store.index([{ streamId, userId: owner }]);
    }
    for await (const pointers of sweep.pointers()) {
      for (const pointer of pointers) {
        if (!isTheirs(pointer.userId) || Date.now() - Date.parse(pointer.streamAt) < leaseMs) continue;
        const meta = await store.meta(pointer.streamId);
        if (meta && isRunning(meta.status)) continue;
        if (meta) await settler.settleFromLog(pointer.streamId, meta);
        else await chats.unpoint(pointer.userId, pointer.chatId, pointer.streamId);
        answer.mended += 1;
      }
    }
    return answer;
  }

  /** Removes an entry whose stream has ended. If the stream is just being created, its heartbeat adds the entry again. */
  async function mend(streamId: string, owner: string): Promise<boolean> {
    const meta = await store.meta(streamId);
    if (meta && isRunning(meta.status)) return false;
    if (meta) await settler.settleFromLog(streamId, meta);
    else await store.unindex(streamId, owner);
    return true;
  }

  async function attend(stream: SweptStream, action: CleanupAnswer['action'], answer: CleanupAnswer): Promise<void> {
    const { streamId } = stream;
    const runs = isRunning(stream.status);
    const isExpired = !runs && Date.now() - Date.parse(stream.lastActivity) > ttlMs;
    if (isExpired || (action === 'force' && !stream.isOwned)) {
      if (runs) await end(streamId);
      if (await remove(streamId)) answer.removed += 1;
    } else if (runs && !stream.isOwned && (await recovery.recover(streamId))) {
      answer.recovered += 1;
    }
  }

  /** Ends a stream without an owner before it is removed, so that what was written stays in its conversation. */
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
    await store.unindex(streamId, meta.userId);
    await chats.unpoint(meta.userId, meta.chatId, streamId);
    return true;
  }

  return {
    async run(request) {
      if (!(await sweep.lockSweep(LOCK_MS))) return null;
      const startedAt = performance.now();
      try {
        const answer = await run(request);
        telemetry.swept(answer, performance.now() - startedAt);
        return answer;
      } finally {
        await sweep.unlockSweep();
      }
    },
  };
}
