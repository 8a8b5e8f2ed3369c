import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { RejoinError } from '../../../shared/errors.ts';
import type { Author } from '../../../shared/chat/rooms.ts';
import { formatEventId } from '../../../shared/stream/event-id.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';
import { nextEpoch } from './epoch.ts';
import {
  isRunning,
  type Announcement,
  type AppendResult,
  type MetaStatus,
  type NewStream,
  type StatePatch,
  type StreamFacts,
  type StreamStore,
} from './stream-store.ts';
import type { SweepStore } from './sweep-store.ts';

interface Kept {
  facts: StreamFacts;
  state: Buffer;
  /** The log in pieces. Each piece consists of whole frames. `end`: the position after the piece. */
  log: { end: number; bytes: Buffer }[];
  status: MetaStatus;
  outcome: StreamOutcome | null;
  error: StreamError | null;
  stoppedBy?: Author | undefined;
  epoch: string;
  base: number;
  sha256: string | null;
  lastActivity: string;
  sealedAt: number;
  expiresAt: number;
}

export interface MemoryStreamStoreOptions {
  leaseMs: number;
  ttlMs: number;
  /**
   * Limit for all logs and state copies together. At the limit, the oldest ended streams are deleted. If that is not enough,
   * appends wait, and new streams are refused.
   */
  maxBytes: number;
}

/**
 * Keeps streams in the memory of one process. There is only one owner, so leases never expire and there are no takeovers.
 *
 * This file is longer than others: it has every call of the interface, and all of them share the same few variables.
 */
export function createMemoryStreamStore({
  leaseMs,
  ttlMs,
  maxBytes,
}: MemoryStreamStoreOptions): StreamStore & SweepStore {
  const streams = new Map<string, Kept>();
  const deleted = new Map<string, number>();
  const active = new Set<string>();
  const people = new Map<string, Set<string>>();
  const bells = new EventEmitter().setMaxListeners(0);
  const announcements = new EventEmitter();
  let bytesKept = 0;

  const lengthOf = (kept: Kept) => kept.log.at(-1)?.end ?? 0;
  const isEnded = (kept: Kept) => !isRunning(kept.status);
  const isTombstone = (streamId: string) => (deleted.get(streamId) ?? 0) > Date.now();

  function get(streamId: string): Kept | undefined {
    const kept = streams.get(streamId);
    if (kept && isEnded(kept) && kept.expiresAt < Date.now()) {
      forget(streamId);
      return undefined;
    }
    return kept;
  }

  function forget(streamId: string): void {
    const kept = streams.get(streamId);
    if (!kept) return;
    bytesKept -= lengthOf(kept) + kept.state.length;
    streams.delete(streamId);
  }

  function push(kept: Kept, bytes: Buffer): number {
    bytesKept += bytes.length;
    const end = lengthOf(kept) + bytes.length;
    kept.log.push({ end, bytes });
    return end;
  }

  /** Deletes ended streams, the oldest first, until there is room for this many bytes. False if that is not enough. */
  function hasRoomFor(bytes: number): boolean {
    for (const [streamId, kept] of streams) {
      if (bytesKept + bytes <= maxBytes) break;
      if (isEnded(kept)) forget(streamId);
    }
    return bytesKept + bytes <= maxBytes;
  }

  function slice(kept: Kept, from: number, to: number): Buffer {
    const parts: Buffer[] = [];
    for (let i = firstAfter(kept.log, from); i < kept.log.length; i++) {
      const { end, bytes } = kept.log[i]!;
      const start = end - bytes.length;
      if (start >= to) break;
      parts.push(bytes.subarray(Math.max(0, from - start), Math.min(bytes.length, to - start)));
    }
    return Buffer.concat(parts);
  }

  function place(streamId: string, epoch: string, position: number, bytes: Buffer): AppendResult {
    const kept = get(streamId);
    if (!kept) return { what: 'gone' };
    if (kept.epoch !== epoch || kept.status !== 'active') return { what: 'fenced' };
    if (lengthOf(kept) !== position) return { what: 'elsewhere', length: lengthOf(kept) };
    const length = push(kept, bytes);
    kept.lastActivity = new Date().toISOString();
    bells.emit(streamId);
    return { what: 'appended', length };
  }

  const fresh = ({ facts, state, frames, epoch }: NewStream): Kept => {
    const kept: Kept = {
      facts,
      state,
      log: [],
      status: 'active',
      outcome: null,
      error: null,
      epoch,
      base: 0,
      sha256: null,
      lastActivity: facts.startTime,
      sealedAt: 0,
      expiresAt: Infinity,
    };
    bytesKept += state.length;
    push(kept, frames);
    return kept;
  };

  function replaceState(kept: Kept, state: Buffer | null): boolean {
    if (state === null) return false;
    bytesKept += state.length - kept.state.length;
    kept.state = state;
    return true;
  }

  const ROOM_RETRY_MS = 100;
  async function untilRoom(bytes: number): Promise<void> {
    while (!hasRoomFor(bytes)) await delay(ROOM_RETRY_MS);
  }

  function leavePerson(streamId: string, userId: string): void {
    people.get(userId)?.delete(streamId);
    if (people.get(userId)?.size === 0) people.delete(userId);
  }

  return {
    resumable: false,
    batchesPerAppend: Number.MAX_SAFE_INTEGER,
    seesChats: false,
    wasAway: () => false,
    onReturn: () => {
      /* this store is never away */
    },

    async create(stream) {
      if (get(stream.streamId)) return 'exists';
      if (!hasRoomFor(stream.state.length + stream.frames.length)) {
        throw new RejoinError('overloaded', { detail: 'The memory for answers is full.', retryAfterSeconds: 5 });
      }
      deleted.delete(stream.streamId);
      streams.set(stream.streamId, fresh(stream));
      return 'created';
    },

    async wait(stream) {
      if (get(stream.streamId)) return false;
      if (!hasRoomFor(stream.state.length)) {
        throw new RejoinError('overloaded', { detail: 'The memory for answers is full.', retryAfterSeconds: 5 });
      }
      deleted.delete(stream.streamId);
      streams.set(stream.streamId, { ...fresh({ ...stream, frames: Buffer.alloc(0) }), status: 'queued', log: [] });
      return true;
    },

    async begin({ streamId, epoch, state, frames, startTime }) {
      const kept = get(streamId);
      if (kept?.status !== 'queued') return false;
      replaceState(kept, state);
      Object.assign(kept, { status: 'active', epoch, lastActivity: startTime, facts: { ...kept.facts, startTime } });
      push(kept, frames);
      bells.emit(streamId);
      return true;
    },

    async append(batches) {
      await untilRoom(batches.reduce((sum, { bytes }) => sum + bytes.length, 0));
      return batches.map(({ streamId, epoch, position, bytes }) => place(streamId, epoch, position, bytes));
    },

    async read(streamId, from, maxPageBytes) {
      const kept = get(streamId);
      if (!kept) return isTombstone(streamId) ? 'deleted' : 'gone';
      const length = lengthOf(kept);
      let position = from === 'base' ? kept.base : typeof from === 'number' ? from : from.position;
      let onLog = true;
      if (typeof from === 'object') {
        const proof = `\nid: ${formatEventId(from)}\n\n`;
        onLog = position <= length && slice(kept, position - proof.length, position).toString('latin1') === proof;
        if (!onLog) position = kept.base;
      }
      return {
        onLog,
        position,
        bytes: slice(kept, position, Math.min(length, position + maxPageBytes)),
        length,
        status: kept.status,
        epoch: kept.epoch,
        base: kept.base,
        leaseLeftMs: leaseMs,
        userId: kept.facts.userId,
      };
    },

    async meta(streamId) {
      const kept = get(streamId);
      if (!kept) return null;
      const { facts, status, outcome, error, stoppedBy, epoch, base, sha256, lastActivity } = kept;
      return {
        ...facts,
        status,
        outcome,
        error,
        ...(stoppedBy ? { stoppedBy } : {}),
        epoch,
        base,
        sha256,
        lastActivity,
        length: lengthOf(kept),
        owner: '',
        leaseLeftMs: leaseMs,
        isHandedOver: false,
      };
    },

    state: async (streamId) => get(streamId)?.state.toString() ?? null,

    async renew(renewals) {
      return renewals.map(({ streamId, epoch, lastActivity }) => {
        const kept = get(streamId);
        if (!kept) return { what: 'gone' };
        if (kept.epoch !== epoch || kept.status !== 'active') return { what: 'fenced' };
        if (lastActivity !== undefined) kept.lastActivity = lastActivity;
        return { what: 'renewed', deadline: Date.now() + leaseMs };
      });
    },

    release: async () => false,

    async claim(streamId) {
      const kept = get(streamId);
      if (!kept) return { what: 'gone' };
      if (kept.status === 'queued') return { what: 'queued' };
      if (kept.status === 'sealed') return { what: 'sealed', forMs: Date.now() - kept.sealedAt };
      if (isEnded(kept)) return { what: 'ended', status: kept.status as StreamOutcome };
      return { what: 'leased', leftMs: leaseMs };
    },

    async rebase({ streamId, epoch, position, bytes }) {
      const placed = place(streamId, epoch, position, bytes);
      if (placed.what === 'appended') streams.get(streamId)!.base = position;
      return placed;
    },

    async rewrite(stream, lostEpoch) {
      const kept = get(stream.streamId);
      if (isTombstone(stream.streamId)) return false;
      if (kept && (kept.epoch !== lostEpoch || kept.status !== 'active')) return false;
      forget(stream.streamId);
      streams.set(stream.streamId, { ...fresh(stream), lastActivity: new Date().toISOString() });
      bells.emit(stream.streamId);
      return true;
    },

    async seal(streamId, { outcome, error, ownerEpoch, stoppedBy }) {
      const kept = get(streamId);
      if (!kept) return null;
      const isOpen = kept.status === 'active' && (ownerEpoch === undefined || ownerEpoch === kept.epoch);
      const won = kept.status === 'queued' || isOpen;
      if (won)
        Object.assign(kept, {
          status: 'sealed',
          outcome,
          error,
          stoppedBy,
          epoch: nextEpoch(kept.epoch),
          sealedAt: Date.now(),
        });
      return {
        won,
        status: kept.status,
        outcome: kept.outcome,
        epoch: kept.epoch,
        length: lengthOf(kept),
        leaseLeftMs: leaseMs,
      };
    },

    async close({ streamId, epoch, finalEpoch, position, frames, outcome, error, sha256, lastActivity, state }) {
      const kept = get(streamId);
      if (!kept) return { what: 'gone', length: 0 };
      const length = lengthOf(kept);
      if (isEnded(kept)) return { what: kept.epoch === finalEpoch ? 'already' : 'fenced', length };
      if (kept.status === 'queued' || kept.epoch !== epoch) return { what: 'fenced', length };
      if (length !== position) return { what: 'elsewhere', length };
      push(kept, frames);
      const isPatched = replaceState(kept, patched(kept.state, state));
      Object.assign(kept, {
        status: outcome,
        outcome,
        error: error ?? kept.error,
        epoch: finalEpoch,
        sha256,
        lastActivity,
        expiresAt: Date.now() + ttlMs,
      });
      bells.emit(streamId);
      return { what: 'closed', length: lengthOf(kept), isPatched };
    },

    async checkpoint(streamId, epoch, length, patches) {
      const kept = get(streamId);
      if (kept?.epoch !== epoch) return false;
      return replaceState(kept, patched(kept.state, { length, patches }));
    },

    async remove(streamId, which) {
      const kept = get(streamId);
      if (!kept) return 'none';
      if (which === 'idle' && !isEnded(kept)) return 'owned';
      forget(streamId);
      deleted.set(streamId, Date.now() + 10 * leaseMs);
      bells.emit(streamId);
      return 'removed';
    },

    async look(streamIds) {
      return streamIds.map((streamId) => {
        const kept = get(streamId);
        return kept ? { status: kept.status, length: lengthOf(kept), base: kept.base, leaseLeftMs: leaseMs } : null;
      });
    },

    async listen(streamId, onBell) {
      const ring = () => setImmediate(onBell, Buffer.alloc(0));
      bells.on(streamId, ring);
      return () => void bells.off(streamId, ring);
    },

    announce: async (announcement) => void announcements.emit('announced', announcement),
    onAnnouncement: (listener) =>
      void announcements.on('announced', (announcement: Announcement) => listener(announcement)),

    async index(indexed) {
      for (const { streamId, userId } of indexed) {
        active.add(streamId);
        if (userId !== undefined) people.set(userId, (people.get(userId) ?? new Set()).add(streamId));
      }
    },

    async unindex(streamId, userId) {
      active.delete(streamId);
      leavePerson(streamId, userId);
    },
    unindexUser: async (streamId, userId) => leavePerson(streamId, userId),
    unindexMissing: async (streamId, userId) => leavePerson(streamId, userId),

    /** An active stream is never due: its owner is this process, so the owner and the store can only be lost together. */
    async due(limit) {
      const due: string[] = [];
      for (const streamId of active) {
        if (due.length >= limit) break;
        if (get(streamId)?.status !== 'active') due.push(streamId);
      }
      return due;
    },

    userStreams: async (userId) => [...(people.get(userId) ?? [])],

    lockSweep: async () => true,
    unlockSweep: async () => {
      /* there is no lock, because only this process sweeps */
    },

    // Cleanups are not limited here.
    countCleanup: async () => 0,

    keepLock: async () => true,
    notePlace: async () => {
      /* a sweep of this memory is done in one part */
    },
    place: async () => '',

    async walk() {
      for (const [streamId, expiresAt] of deleted) if (expiresAt < Date.now()) deleted.delete(streamId);
      const found = [...streams.keys()].flatMap((streamId) => {
        const kept = get(streamId);
        return kept
          ? [
              {
                streamId,
                userId: kept.facts.userId,
                chatId: kept.facts.chatId,
                status: kept.status,
                isOwned: kept.status === 'active',
                lastActivity: kept.lastActivity,
              },
            ]
          : [];
      });
      const userSets = [...people].map(([userId, streamIds]) => ({ userId, streamIds: [...streamIds] }));
      // No pointers have to be checked: conversations are in the same memory, so they cannot point at streams of an earlier process.
      return { streams: found, userSets, pointers: [], next: null };
    },
    async *indexed() {
      yield [...active];
    },
  };
}

/** The patched state copy; `null` if the copy does not have the length that the patches expect. */
function patched(
  state: Buffer,
  { length, patches }: { length: number; patches: readonly StatePatch[] },
): Buffer | null {
  if (patches[0]?.offset !== 0 && state.length !== length) return null;
  return patches.reduce(
    (before, { offset, bytes }) =>
      offset === 0 ? bytes : Buffer.concat([before.subarray(0, offset), bytes, before.subarray(offset + bytes.length)]),
    state,
  );
}

/** The index of the first piece of the log that ends after `position`. */
function firstAfter(log: Kept['log'], position: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (log[middle]!.end > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
