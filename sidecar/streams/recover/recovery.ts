import type { Hash } from 'node:crypto';
import { formatEventId, type EventId } from '../../../shared/event-id.ts';
import type { MessageFold } from '../../../shared/fold.ts';
import type { Log } from '../../log.ts';
import type { Model } from '../../models/model.ts';
import { epochSuffix } from '../../store/streams/epoch.ts';
import type { ClaimResult, StreamMeta, StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Ender } from '../end/ender.ts';
import type { RecoveryPolicy } from '../write/generation.ts';
import type { LiveLog } from '../log/live-log.ts';
import type { LocalStreams } from '../read/local-streams.ts';
import { replayLog } from '../log/replay-log.ts';
import type { Settler } from '../end/settle.ts';
import { requestIn, type StateRequest } from '../log/state-copy.ts';

/** At most so many owners of one stream may be lost, and not so many in a row that wrote nothing. */
const MAX_LAPSES = 3;
const MAX_BARREN = 2;
/** A seal that old was left by a process that did not live to close it. */
const SEAL_GRACE_MS = 1000;
/** So many are looked at in one second. */
const DUE_LIMIT = 500;
const AT_ONCE = 16;

/** A stream that this process has just taken over. */
export interface TakenOver {
  streamId: string;
  meta: StreamMeta;
  epoch: string;
  position: number;
  lastEventId: EventId | null;
  fold: MessageFold;
  hash: Hash;
  request: StateRequest;
  /** The copy as it is in the store. */
  state: string;
  model: Model;
  attempt: 'continue' | 'restart';
  isComplete: boolean;
}

export interface RecoveryOptions {
  store: StreamStore;
  streams: LocalStreams;
  settler: Settler;
  ender: Ender;
  telemetry: Telemetry;
  log: Log;
  policy: RecoveryPolicy;
  /** Throws where there is no such model here. */
  resolveModel(modelId: string): Model;
  /** Goes on with it as its owner. */
  resume(taken: TakenOver): void;
  /** This process writes it. */
  isOwner(streamId: string): boolean;
  /** False while this process takes nothing new. */
  isWilling(): boolean;
}

/** Finds streams that lost their owner and ends them well: goes on, begins again, or says that they failed. */
export interface Recovery {
  /** Looks once at everything that is due. */
  sweep(): Promise<void>;
  /** Looks at one stream now. Resolves to true when something was done about it. */
  recover(streamId: string): Promise<boolean>;
}

export function createRecovery(options: RecoveryOptions): Recovery {
  const { store, streams, settler, ender, telemetry, log, policy } = options;
  const underway = new Set<string>();

  async function recover(streamId: string): Promise<boolean> {
    if (!options.isWilling() || options.isOwner(streamId) || underway.has(streamId)) return false;
    underway.add(streamId);
    try {
      return await attend(streamId, await store.claim(streamId, epochSuffix()));
    } finally {
      underway.delete(streamId);
    }
  }

  async function attend(streamId: string, claim: ClaimResult): Promise<boolean> {
    switch (claim.what) {
      case 'leased':
        await store.index([{ streamId, deadline: Date.now() + claim.leftMs }]);
        return false;
      case 'gone':
        await store.unindex(streamId, '');
        return false;
      case 'ended': {
        const meta = await store.meta(streamId);
        if (meta) await settler.settleFromLog(streamId, meta);
        return true;
      }
      case 'sealed':
        if (claim.forMs < SEAL_GRACE_MS) return false;
        return ender.closeSealed(streamId);
      case 'claimed':
        await takeOverOrGiveBack(streamId, claim);
        return true;
    }
  }

  async function takeOverOrGiveBack(streamId: string, claim: Claimed): Promise<void> {
    const live = streams.halt(streamId);
    try {
      await takeOver(streamId, claim, live);
    } catch (error) {
      // Not the owner's fault, and no lapse: whoever can, goes on.
      await store.release({ streamId, epoch: claim.epoch }).catch(() => {
        /* the lease runs out */
      });
      throw error;
    } finally {
      if (!options.isOwner(streamId)) streams.unhalt(streamId);
    }
    await store.index([{ streamId }]).catch(() => {
      /* a hint; the heartbeat says it again */
    });
  }

  async function takeOver(
    streamId: string,
    { epoch, length, lapses, barren, isHandover }: Claimed,
    live: LiveLog | undefined,
  ): Promise<void> {
    const meta = await store.meta(streamId);
    if (meta === null || meta.epoch !== epoch) return;
    const [replayed, state] = await Promise.all([
      replayLog({
        store,
        streamId,
        messageId: meta.messageId,
        until: length,
        onFrames: (frames, position) => bringUpTo(live, frames, position),
      }),
      store.state(streamId),
    ]);
    const request = requestIn(state);
    const model = request && resolve(meta.modelId);
    const isSpent = lapses > MAX_LAPSES || barren >= MAX_BARREN;
    telemetry.streamRecovered(
      { streamId, modelId: meta.modelId },
      { policy: isSpent ? 'fail' : policy, lapses, barren, isHandover },
    );
    if (replayed === null || request === null || !model || policy === 'fail' || isSpent)
      return abandon(streamId, epoch);
    const mustRestart = policy === 'restart' || model.continuation === 'refuses';
    const isComplete = isWholeAnswer(replayed.fold);
    if (!options.isWilling()) {
      await store.release({ streamId, epoch });
      return;
    }
    options.resume({
      streamId,
      meta,
      epoch,
      position: replayed.position,
      lastEventId: replayed.lastEventId,
      fold: replayed.fold,
      hash: replayed.hash,
      request,
      state: state!,
      model,
      isComplete,
      attempt: mustRestart && !isComplete ? 'restart' : 'continue',
    });
  }

  function resolve(modelId: string): Model | null {
    try {
      return options.resolveModel(modelId);
    } catch {
      return null; // configured elsewhere, not here: ended as abandoned, which says so
    }
  }

  async function abandon(streamId: string, epoch: string): Promise<void> {
    const text =
      'The server that was writing this answer was lost. What it had written is kept; you can continue or try again.';
    await ender.end(streamId, 'error', { code: 'abandoned', text }, epoch);
  }

  return {
    recover,
    async sweep() {
      if (!options.isWilling()) return;
      // In an order of its own, so that several sidecars do not all begin with the same.
      const due = shuffled(await store.due(DUE_LIMIT));
      const next = async (): Promise<void> => {
        for (let streamId = due.pop(); streamId !== undefined; streamId = due.pop()) {
          await recover(streamId).catch((error: unknown) => log.warn({ event: 'recovery.failed', streamId, error }));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
    },
  };
}

type Claimed = Extract<ClaimResult, { what: 'claimed' }>;

/** Brings readers that followed it here to where the new owner goes on, if what they have is on the log. */
function bringUpTo(live: LiveLog | undefined, frames: Buffer, position: number): void {
  if (live === undefined || position > live.end || position + frames.length <= live.end) return;
  const proof = live.lastEventId;
  const known = frames.subarray(0, live.end - position);
  const isSame =
    known.length === 0 || (proof !== null && known.toString('latin1').endsWith(`\nid: ${formatEventId(proof)}\n\n`));
  if (!isSame) return; // they are cut when it is owned from another place
  live.push(frames.subarray(live.end - position));
  live.show(live.end);
}

function shuffled<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

/** The model call was complete: its last step was finished and asked for nothing more. Only the end is missing. */
function isWholeAnswer(fold: MessageFold): boolean {
  const { parts } = fold.message;
  const lastStep = parts.findLastIndex((part) => part.type === 'step-start');
  if (lastStep === -1 || fold.inStep || fold.open.length > 0) return false;
  return !parts.slice(lastStep).some((part) => part.type.startsWith('tool-') || part.type === 'dynamic-tool');
}
