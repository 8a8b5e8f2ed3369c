import type { Hash } from 'node:crypto';
import type { MessageFold } from '../../shared/fold.ts';
import type { Log } from '../log.ts';
import type { Model } from '../models/model.ts';
import { epochSuffix } from '../store/epoch.ts';
import type { ClaimResult, StreamMeta, StreamStore } from '../store/stream-store.ts';
import { closeSealed } from './close-sealed.ts';
import type { RecoveryPolicy } from './generation.ts';
import type { LocalStreams } from './local-streams.ts';
import { replayLog } from './replay-log.ts';
import type { Settler } from './settle.ts';
import { requestIn, type StateRequest } from './state-copy.ts';

/** At most so many owners of one stream may be lost, and not so many in a row that wrote nothing. */
const MAX_LAPSES = 3;
const MAX_BARREN = 2;
/** A seal that old was left by a process that did not live to close it. */
const SEAL_GRACE_MS = 1000;
/** So many are looked at in one second. */
const DUE_LIMIT = 100;

/** A stream that this process has just taken over. */
export interface TakenOver {
  streamId: string;
  meta: StreamMeta;
  epoch: string;
  position: number;
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
  log: Log;
  policy: RecoveryPolicy;
  /** Throws where there is no such model here. */
  resolveModel(modelId: string): Model;
  /** Goes on with it as its owner. */
  resume(taken: TakenOver): void;
  /** False while this process takes nothing new. */
  isWilling(): boolean;
}

/** Finds streams that lost their owner and ends them well: goes on, begins again, or says that they failed. */
export interface Recovery {
  /** Looks once at everything that is due. Resolves to how many were recovered. */
  sweep(): Promise<number>;
  /** Looks at one stream now. Resolves to true when something was done about it. */
  recover(streamId: string): Promise<boolean>;
}

export function createRecovery(options: RecoveryOptions): Recovery {
  const { store, streams, settler, log, policy } = options;
  const underway = new Set<string>();

  async function recover(streamId: string): Promise<boolean> {
    if (!options.isWilling() || underway.has(streamId)) return false;
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
        await store.index([{ streamId }]);
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
        return closeSealed({ store, settler, streamId });
      case 'claimed':
        await store.index([{ streamId }]);
        await takeOver(streamId, claim);
        return true;
    }
  }

  async function takeOver(
    streamId: string,
    { epoch, length, lapses, barren }: Extract<ClaimResult, { what: 'claimed' }>,
  ): Promise<void> {
    const live = streams.halt(streamId);
    const meta = await store.meta(streamId);
    if (meta === null || meta.epoch !== epoch) return;
    const [log_, state] = await Promise.all([
      replayLog({
        store,
        streamId,
        messageId: meta.messageId,
        until: length,
        onFrames: (frames, position) => {
          // Readers that followed it here are brought to where the new owner goes on.
          if (live === undefined || position + frames.length <= live.end || position > live.end) return;
          live.push(frames.subarray(live.end - position));
          live.show(live.end);
        },
      }),
      store.state(streamId),
    ]);
    const request = requestIn(state);
    const model = request && resolve(meta.modelId);
    const isSpent = lapses > MAX_LAPSES || barren >= MAX_BARREN;
    log.info({
      event: 'stream.recovered',
      streamId,
      modelId: meta.modelId,
      lapses,
      barren,
      policy: isSpent ? 'fail' : policy,
    });
    if (log_ === null || request === null || !model || policy === 'fail' || isSpent) return abandon(streamId, epoch);
    const mustRestart = policy === 'restart' || model.continuation === 'refuses';
    const isComplete = isWholeAnswer(log_.fold);
    options.resume({
      streamId,
      meta,
      epoch,
      position: log_.position,
      fold: log_.fold,
      hash: log_.hash,
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
    await store.seal(streamId, {
      suffix: epochSuffix(),
      outcome: 'error',
      error: { code: 'abandoned', text },
      ownerEpoch: epoch,
    });
    await closeSealed({ store, settler, streamId });
  }

  return {
    recover,
    async sweep() {
      if (!options.isWilling()) return 0;
      let recovered = 0;
      for (const streamId of await store.due(DUE_LIMIT)) {
        if (await recover(streamId)) recovered += 1;
      }
      return recovered;
    },
  };
}

/** The model call was complete: its last step was finished and asked for nothing more. Only the end is missing. */
function isWholeAnswer(fold: MessageFold): boolean {
  const { parts } = fold.message;
  const lastStep = parts.findLastIndex((part) => part.type === 'step-start');
  if (lastStep === -1 || fold.inStep || fold.open.length > 0) return false;
  return !parts.slice(lastStep).some((part) => part.type.startsWith('tool-') || part.type === 'dynamic-tool');
}
