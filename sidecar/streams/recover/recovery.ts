import type { Hash } from 'node:crypto';
import { formatEventId, type EventId } from '../../../shared/stream/event-id.ts';
import type { MessageFold } from '../../../shared/stream/fold.ts';
import type { Log } from '../../log.ts';
import type { Model } from '../../models/model.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { epochSuffix } from '../../store/streams/epoch.ts';
import {
  StoreUnavailable,
  type ClaimResult,
  type StreamMeta,
  type StreamStore,
} from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Ender } from '../end/ender.ts';
import type { RecoveryPolicy } from '../write/generation.ts';
import type { LiveLog } from '../log/live-log.ts';
import type { LocalStreams } from '../read/local-streams.ts';
import { replayLog } from '../log/replay-log.ts';
import type { Settler } from '../end/settle.ts';
import { requestIn, type StateRequest } from '../log/state-copy.ts';
import { openHistory, type History } from '../start/history.ts';

/** PROTOCOL.md 7.7: a stream may lose this many owners. When it loses one more, it is ended. */
const MAX_LAPSES = 3;
/** A stream is also ended when this many owners in a row were lost and had written nothing. */
const MAX_BARREN = 2;
/** A seal older than this counts as left by a process that died before it closed the stream. */
const SEAL_GRACE_MS = 1000;
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
  /** The request in the state copy. It has no older messages, only the new one. */
  request: StateRequest;
  /** Reads the messages for the model: the same as at the start of the stream. */
  readRequest(): Promise<StateRequest>;
  state: string;
  model: Model;
  attempt: 'continue' | 'restart';
  /** True if the model's answer is complete and only the end of the log is missing. */
  isComplete: boolean;
}

export interface RecoveryOptions {
  store: StreamStore;
  chats: Pick<ChatStore, 'outline' | 'path' | 'branch'>;
  streams: LocalStreams;
  settler: Settler;
  ender: Ender;
  telemetry: Telemetry;
  log: Log;
  policy: RecoveryPolicy;
  /** Throws if this process does not have the model. */
  resolveModel(modelId: string): Model;
  /** Begins a waiting stream if its turn was chosen, or ends it if its turn was removed. Resolves to true if it did either. */
  begin(streamId: string): Promise<boolean>;
  /** Goes on writing the stream, as its owner. */
  resume(taken: TakenOver): void;
  isOwner(streamId: string): boolean;
  /** False while this process accepts nothing new. */
  isWilling(): boolean;
}

/** PROTOCOL.md 7: finds streams that lost their owner, and continues, restarts or fails them. */
export interface Recovery {
  /** Checks up to {@link DUE_LIMIT} streams that are due. */
  sweep(): Promise<void>;
  /** Checks one stream now. Resolves to true if this process claimed, began, ended or settled it. */
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
        await store.index([{ streamId, inMs: claim.leftMs }]);
        return false;
      case 'gone':
        await store.unindex(streamId, '');
        return false;
      case 'ended': {
        const meta = await store.meta(streamId);
        if (meta) await settler.settleFromLog(streamId, meta);
        return true;
      }
      case 'queued':
        return options.begin(streamId);
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
      // If Redis went away, no owner was lost, so the lease is released and any process may try again. Any other error would
      // probably occur at each try. After such an error the lease is left to expire, which counts as a lost owner. After a few
      // lost owners the stream is ended.
      if (error instanceof StoreUnavailable) {
        await store.release({ streamId, epoch: claim.epoch }).catch(() => {
          /* the lease runs out */
        });
      }
      throw error;
    } finally {
      if (!options.isOwner(streamId)) streams.unhalt(streamId);
    }
    await store.index([{ streamId }]).catch(() => {
      /* the index is only a hint; the heartbeat adds the stream again */
    });
  }

  async function takeOver(
    streamId: string,
    { epoch, length, lapses, barren, isHandover }: Claimed,
    live: LiveLog | undefined,
  ): Promise<void> {
    const meta = await store.meta(streamId);
    if (meta === null || meta.epoch !== epoch) return;
    const [replaying, reading] = await Promise.allSettled([
      replayLog({
        store,
        streamId,
        messageId: meta.messageId,
        until: length,
        onFrames: (frames, position) => bringUpTo(live, frames, position),
      }),
      store.state(streamId),
    ]);
    // `allSettled` waits for the replay even if reading the state copy fails. After a failure the follower goes on. If the replay
    // still ran then, it would show frames that the follower shows, too.
    if (replaying.status === 'rejected') throw replaying.reason;
    if (reading.status === 'rejected') throw reading.reason;
    const [replayed, state] = [replaying.value, reading.value];
    const request = requestIn(state);
    const model = request && resolve(meta.modelId);
    const isSpent = lapses > MAX_LAPSES || barren >= MAX_BARREN;
    telemetry.streamRecovered(
      { streamId, modelId: meta.modelId },
      { policy: isSpent ? 'fail' : policy, lapses, barren, isHandover },
    );
    // A stream that has lost too many owners is ended without reading its conversation, because the reading may be what fails
    // each time.
    const history = model && !isSpent && (await historyOf(meta, model));
    if (replayed === null || replayed.isBroken || request === null || !model || !history || policy === 'fail')
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
      readRequest: () => history.request(request.instructions),
      state: state!,
      model,
      isComplete,
      attempt: mustRestart && !isComplete ? 'restart' : 'continue',
    });
  }

  /** The messages that led to the answer. `null` if the conversation is gone, or has lost the question. */
  async function historyOf({ userId, chatId, parentId }: StreamMeta, model: Model): Promise<History | null> {
    const chat = await options.chats.outline(userId, chatId, [parentId]);
    if (!chat?.places.has(parentId)) return null;
    const { contextTokens } = model;
    return openHistory({ chats: options.chats, userId, chatId, after: parentId, contextTokens });
  }

  function resolve(modelId: string): Model | null {
    try {
      return options.resolveModel(modelId);
    } catch {
      return null; // this process does not have the model: the stream ends as abandoned
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
      // In random order, so that several sidecars do not all begin with the same streams.
      const due = shuffled(await store.due(DUE_LIMIT));
      const next = async (): Promise<void> => {
        for (let streamId = due.pop(); streamId !== undefined; streamId = due.pop()) {
          await recover(streamId).catch((error: unknown) => log.warn({ event: 'recovery.failed', streamId, error }));
        }
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, next));
    },
  };
}

type Claimed = Extract<ClaimResult, { what: 'claimed' }>;

/**
 * Shows stored frames that the readers in this process do not have yet. If the bytes that these readers have are not on the log,
 * nothing is shown.
 */
function bringUpTo(live: LiveLog | undefined, frames: Buffer, position: number): void {
  if (live === undefined || position > live.end || position + frames.length <= live.end) return;
  const proof = live.lastEventId;
  const known = frames.subarray(0, live.end - position);
  const isSame =
    known.length === 0 || (proof !== null && known.toString('latin1').endsWith(`\nid: ${formatEventId(proof)}\n\n`));
  if (!isSame) return;
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

/** True if the model's answer is complete: its last step has ended and has no tool call. */
function isWholeAnswer(fold: MessageFold): boolean {
  const { parts } = fold.message;
  const lastStep = parts.findLastIndex((part) => part.type === 'step-start');
  if (lastStep === -1 || fold.inStep || fold.open.length > 0) return false;
  return !parts.slice(lastStep).some((part) => part.type.startsWith('tool-') || part.type === 'dynamic-tool');
}
