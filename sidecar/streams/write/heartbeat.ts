import { setTimeout as delay } from 'node:timers/promises';
import { askerIdOf } from '../../store/streams/asked-by.ts';
import { StoreUnavailable, type Renewal, type StreamStore } from '../../store/streams/stream-store.ts';
import { slicesOf } from '../log/slices.ts';
import type { Generation } from './generation.ts';
import type { Heart } from './heart.ts';

/** Maximum number of streams in one call. Redis needs about a millisecond for a call of this size. */
const SLICE = 128;
/** The next slice is sent after this time at the latest, even if Redis has not answered. So no slice waits for a slow one. */
const SLICE_PATIENCE_MS = 20;
/** The time between full renewals ({@link renewSome}) of a stream, unless a quarter of the TTL is shorter. */
const FULL_MS = 120_000;
/** PROTOCOL.md 12: the TTL of an active stream is at least this many leases. */
const LEASES_PER_TTL = 10;
/** Heartbeats are meant to be called this often per lease. Each renews only the leases that are due. */
export const BEATS_PER_LEASE = 6;
/** A lease is due when this part of it is over: at the third heartbeat, even if that heartbeat comes a little early. */
const DUE_AFTER = 2.5 / BEATS_PER_LEASE;
/**
 * A lease is due again only when this part of the lease has passed since the last renewal was sent. This is less than the time
 * between two heartbeats, so that the next heartbeat repeats a renewal that failed or has no answer yet.
 */
const REPEATED_AFTER = 0.5 / BEATS_PER_LEASE;

/**
 * PROTOCOL.md 7.2: renews the leases of the streams that this process writes, many in one call. A lease is renewed even if nothing
 * was appended, because a model may think for a long time. `due`: only leases that are about half over. If a renewal fails, the
 * next two heartbeats repeat it before the lease ends.
 */
export async function renewLeases({
  store,
  generations,
  which,
  leaseMs,
  ttlMs,
}: {
  store: StreamStore;
  generations: Iterable<Generation>;
  which: 'due' | 'all';
  leaseMs: number;
  ttlMs: number;
}): Promise<void> {
  const fullMs = Math.min(FULL_MS, Math.max(ttlMs, LEASES_PER_TTL * leaseMs) / 4);
  const due = (among: readonly Generation[]): Generation[] => {
    const now = performance.now();
    const [renewedBefore, sentBefore] = [now - leaseMs * DUE_AFTER, now - leaseMs * REPEATED_AFTER];
    return among.filter(({ heart }) => heart.renewedAt <= renewedBefore && heart.sentAt <= sentBefore);
  };
  const chosen = which === 'all' ? [...generations] : due([...generations]);
  // The streams whose last renewal is longest ago come first.
  chosen.sort((a, b) => a.heart.sentAt - b.heart.sentAt);
  const renewals: Promise<void>[] = [];
  for (const slice of slicesOf(chosen, SLICE)) {
    // While this heartbeat waited for Redis, another heartbeat may have renewed some of these leases.
    const some = which === 'all' ? slice : due(slice);
    const renewal = renewSome(store, some, fullMs).then((alive) => index(store, alive));
    renewals.push(renewal);
    await Promise.race([renewal.catch(() => {}), delay(SLICE_PATIENCE_MS)]);
  }
  await Promise.all(renewals);
}

/**
 * Writes renewed streams to the indexes. The indexes are only hints, so if Redis fails here, other leases are still renewed. If
 * Redis fails here after a full renewal of a stream, the next renewal of that stream is full again.
 */
async function index(store: StreamStore, alive: readonly Alive[]): Promise<void> {
  try {
    await store.index(alive.map(({ entry }) => entry));
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    for (const { heart, entry } of alive) if (entry.userId !== undefined) heart.fullAt = Number.NEGATIVE_INFINITY;
  }
}

/**
 * Renews some leases. A full renewal also extends the TTLs. After a full renewal, {@link index} adds the stream again to the active
 * streams of the person who asked. A stream's first renewal in an epoch is full, and then one every `fullMs`. The time of the last
 * activity is always sent in the first renewal of an epoch, and later only if this time has changed.
 */
async function renewSome(store: StreamStore, generations: readonly Generation[], fullMs: number): Promise<Alive[]> {
  const sentAt = performance.now();
  const activities = generations.map(({ lastChunkAt }) => lastChunkAt);
  const renewals = generations.map(({ heart, streamId, epoch }, i): Renewal => {
    heart.sentAt = sentAt;
    const isNew = heart.epoch !== epoch;
    const isFull = isNew || sentAt >= heart.fullAt + fullMs;
    if (!isNew && heart.storedActivity === activities[i]) return { streamId, epoch, isFull };
    return { streamId, epoch, isFull, lastActivity: new Date(activities[i]!).toISOString() };
  });
  const results = renewals.length === 0 ? [] : await store.renew(renewals);
  const alive: Alive[] = [];
  results.forEach((result, i) => {
    const generation = generations[i]!;
    const { streamId, epoch, isFull } = renewals[i]!;
    if (generation.epoch !== epoch) return; // during the call, the log was written again under a new epoch
    switch (result.what) {
      case 'renewed': {
        const { heart } = generation;
        heart.renewedAt = Math.max(heart.renewedAt, sentAt);
        heart.epoch = epoch;
        if (isFull) heart.fullAt = sentAt;
        heart.storedActivity = activities[i]!;
        generation.renewed();
        const { deadline } = result;
        const userId = isFull ? { userId: askerIdOf(generation.facts) } : {};
        alive.push({ heart, entry: { streamId, deadline, ...userId } });
        return;
      }
      case 'fenced':
        return generation.stop('fenced');
      case 'unknown':
        return;
      case 'gone':
        return generation.lost();
    }
  });
  return alive;
}

interface Alive {
  heart: Heart;
  entry: { streamId: string; userId?: string; deadline: number };
}
