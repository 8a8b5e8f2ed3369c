import { RejoinError } from '../../shared/errors.ts';
import { formatEventId, type EventId } from '../../shared/event-id.ts';
import type { CancelAnswer, StartAnswer, StartRequest, StreamState } from '../../shared/stream.ts';
import type { Admission } from '../limits/admission.ts';
import type { Log } from '../log.ts';
import type { Model } from '../models/model.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import { epochSuffix } from '../store/streams/epoch.ts';
import {
  StoreUnavailable,
  type Page,
  type StreamFacts,
  type StreamMeta,
  type StreamStore,
} from '../store/streams/stream-store.ts';
import type { ResumeKind, Telemetry } from '../telemetry/telemetry.ts';
import { closeSealed } from './end/close-sealed.ts';
import {
  createGeneration,
  type Generation,
  type GenerationSettings,
  type GenerationStart,
} from './write/generation.ts';
import { createGathering } from './log/gathering.ts';
import { createGroupCommit } from './write/group-commit.ts';
import { renewLeases } from './write/heartbeat.ts';
import { createLocalStreams, type LocalStreams } from './read/local-streams.ts';
import { lastEventIdOf } from './log/read-frames.ts';
import type { ReaderStart } from './read/reader.ts';
import { PAGE_BYTES } from './log/replay-log.ts';
import { createRecovery, type Recovery, type TakenOver } from './recover/recovery.ts';
import { createSettler, type Settler } from './end/settle.ts';
import { slicesOf } from './log/slices.ts';
import { createStarter, publicStatus, type Started } from './start/start-stream.ts';
import { createStateCopy } from './log/state-copy.ts';
import { deriveStreamId } from './start/stream-id.ts';

export interface StreamManagerOptions {
  store: StreamStore;
  chats: ChatStore;
  /** Throws `unknown_model` or `model_unavailable`. */
  resolveModel(modelId: string): Model;
  admission: Admission;
  telemetry: Telemetry;
  log: Log;
  secret: string;
  settings: GenerationSettings;
}

/** Everything that can be done with streams, for one person at a time; what is not theirs does not exist. */
export interface StreamManager {
  /**
   * Starts it, or answers with the one that this very request started before. `address`: a guest's network address,
   * as a keyed hash.
   */
  start(
    userId: string,
    request: StartRequest,
    address?: string | null,
  ): Promise<{ created: boolean; answer: StartAnswer }>;
  /** Where a reader begins: what this process holds, or a page from the store. `isReset`: not where it asked. */
  open(userId: string, streamId: string, after: EventId | null): Promise<Opening>;
  state(userId: string, streamId: string): Promise<StreamState>;
  active(userId: string): Promise<StreamState[]>;
  /** Those of these streams that are active, whosever they are, with who writes them. For administrators. */
  activeAmong(streamIds: readonly string[]): Promise<StreamState[]>;
  /** Whose it is; `null` where there is no such stream. An administrator acts for the owner. */
  ownerOf(streamId: string): Promise<string | null>;
  cancel(userId: string, streamId: string): Promise<CancelAnswer>;
  /** The stream that writes this message, whether or not it was ever started. */
  streamIdOf(userId: string, chatId: string, messageId: string): string;
  /** Ends it if it runs, and forgets it. */
  remove(userId: string, streamId: string): Promise<void>;
  readonly streams: LocalStreams;
  readonly settler: Settler;
  readonly recovery: Recovery;
  readonly generations: ReadonlyMap<string, Generation>;
  /** Leases, once every third of one. */
  heartbeat(): Promise<void>;
  /** Once a second: hanging models, bells that were missed, owners that were lost. */
  tick(): Promise<void>;
  /** Starts nothing more; after `drainMs` what still runs is handed over. */
  drain(drainMs: number): Promise<void>;
  readonly isDraining: boolean;
}

export interface Opening {
  from: ReaderStart;
  isReset: boolean;
  kind: ResumeKind;
  /** The reader has everything there will ever be. */
  isAtEnd: boolean;
  status: StreamState['status'];
}

const notFound = () => new RejoinError('not_found');
const isEnded = (status: StreamMeta['status']): status is Exclude<StreamMeta['status'], 'active' | 'sealed'> =>
  status !== 'active' && status !== 'sealed';
/** An event id with the line breaks around it, as it stands before a position, is never longer. */
const PROOF_BYTES = 96;

export function createStreamManager({
  store,
  chats,
  resolveModel,
  admission,
  telemetry,
  log,
  secret,
  settings,
}: StreamManagerOptions): StreamManager {
  const generations = new Map<string, Generation>();
  const gathering = createGathering();
  const commit = createGroupCommit({ store, gathering, telemetry });
  const settler = createSettler({ store, chats });
  const starts = new Set<Promise<Started>>();
  let isDraining = false;

  const streams = createLocalStreams({
    store,
    leaseMs: settings.leaseMs,
    telemetry,
    onLapsed: (streamId) =>
      void recovery.recover(streamId).catch((error: unknown) => logUnlessAway('recovery.failed', error)),
  });
  const recovery = createRecovery({
    store,
    streams,
    settler,
    telemetry,
    log,
    policy: settings.recovery,
    resolveModel,
    resume,
    isOwner: (streamId) => generations.has(streamId),
    isWilling: () => !isDraining,
  });
  const deps = { store, streams, commit, settler, telemetry, log, settings };

  store.onAnnouncement((announcement) => {
    const { streamId } = announcement;
    if (announcement.type === 'sealed') generations.get(streamId)?.stop('fenced');
    else void recovery.recover(streamId).catch((error: unknown) => logUnlessAway('recovery.failed', error));
  });

  function logUnlessAway(event: string, error: unknown): void {
    if (!(error instanceof StoreUnavailable)) log.error({ event, error });
  }

  function run(start: GenerationStart): void {
    const generation = createGeneration(deps, start);
    generations.set(generation.streamId, generation);
    void generation.done.then(() => {
      if (generations.get(generation.streamId) === generation) generations.delete(generation.streamId);
      telemetry.streamLeft({ streamId: generation.streamId, modelId: generation.facts.modelId });
    });
  }

  function resume({ streamId, meta, position, ...taken }: TakenOver): void {
    const base = meta.base;
    const local = streams.own(streamId, { userId: meta.userId, base, position, id: taken.lastEventId });
    const copy = createStateCopy({
      facts: factsOf(meta),
      request: taken.request,
      existing: taken.state,
      text: taken.fold.text,
    });
    run({ ...taken, local, facts: factsOf(meta), copy });
  }

  async function tickAll(): Promise<void> {
    for (const some of slicesOf([...generations.values()])) {
      const now = Date.now();
      for (const generation of some) generation.tick(now);
      await delay(SLICE_PAUSE_MS);
    }
  }

  const streamIdOf = (userId: string, chatId: string, messageId: string) =>
    deriveStreamId({ secret, userId, chatId, messageId });

  const running = () => Promise.all([...generations.values()].map(({ done }) => done));

  const startStream = createStarter({
    store,
    chats,
    streams,
    settler,
    telemetry,
    leaseMs: settings.leaseMs,
    resolveModel,
    streamIdOf,
    admit: (start) => admission.admit({ ...start, running: generations.size }),
    run,
  });

  async function start(userId: string, request: StartRequest, address: string | null = null): Promise<Started> {
    if (isDraining) throw new RejoinError('draining', { retryAfterSeconds: 1 });
    const starting = startStream(userId, request, address);
    starts.add(starting);
    try {
      return await starting;
    } finally {
      starts.delete(starting);
      admission.over(streamIdOf(userId, request.chatId, request.messageId));
    }
  }

  /**
   * Looks until it is there, where it may be away for a moment only: its owner may be about to write a lost log anew.
   * `wasHere`: the caller has seen it before.
   */
  async function lookFor<T>(streamId: string, wasHere: boolean, look: () => Promise<T | null>): Promise<T> {
    const until = Date.now() + settings.leaseMs / 2;
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      const isKnown = generations.has(streamId) || streams.get(streamId) !== undefined;
      if (!(wasHere || isKnown || store.wasAway()) || Date.now() > until) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (store.wasAway()) throw new RejoinError('store_unavailable', { retryAfterSeconds: 1 });
    throw notFound();
  }

  /** The stream, if it is theirs. One that is gone is taken out of their set at once. */
  async function metaOf(userId: string, streamId: string): Promise<StreamMeta> {
    try {
      const meta = await lookFor(streamId, false, () => store.meta(streamId));
      if (meta.userId === userId) return meta;
    } catch (error) {
      await mend(userId, streamId, error);
      throw error;
    }
    throw notFound();
  }

  async function mend(userId: string, streamId: string, error: unknown): Promise<void> {
    if (!(error instanceof RejoinError) || error.code !== 'not_found') return;
    await store.unindex(streamId, userId).catch(() => {
      /* mended by the next cleanup */
    });
  }

  async function open(userId: string, streamId: string, after: EventId | null): Promise<Opening> {
    const local = streams.get(streamId);
    if (local && local.userId === userId && !local.live.isDone) {
      const position = after?.position ?? local.base;
      const isHeld = local.live.from(after ?? position) !== null;
      if (isHeld) {
        const kind = after === null ? 'beginning' : position === local.live.shown ? 'live' : 'catch-up';
        return { from: { position, base: local.base }, isReset: false, kind, isAtEnd: false, status: 'active' };
      }
    }
    const page = await pageFor(userId, streamId, after);
    const status = publicStatus(page.status);
    const isAtEnd = page.onLog && status !== 'active' && after !== null && page.position === page.length;
    return { from: page, isReset: !page.onLog, kind: kindOf(page, after), isAtEnd, status };
  }

  async function pageFor(userId: string, streamId: string, after: EventId | null): Promise<Page> {
    try {
      const page = await lookFor(streamId, after !== null, async () => {
        const read = await store.read(streamId, after ?? 'base', PAGE_BYTES);
        if (read === 'deleted') throw notFound();
        return read === 'gone' ? null : read;
      });
      if (page.userId === userId) return page;
    } catch (error) {
      await mend(userId, streamId, error);
      throw error;
    }
    throw notFound();
  }

  async function toState(streamId: string, meta: StreamMeta): Promise<StreamState> {
    const generation = generations.get(streamId);
    return {
      streamId,
      chatId: meta.chatId,
      messageId: meta.messageId,
      modelId: meta.modelId,
      status: publicStatus(meta.status),
      startTime: meta.startTime,
      lastActivity: generation?.lastActivity ?? meta.lastActivity,
      lastEventId: await lastEventId(streamId, meta),
      bytes: meta.length,
      sha256: meta.sha256,
      error: meta.error,
      resumable: store.resumable,
    };
  }

  async function lastEventId(streamId: string, meta: StreamMeta): Promise<string | null> {
    if (isEnded(meta.status)) return formatEventId({ epoch: meta.epoch, position: meta.length });
    const page = await store.read(streamId, Math.max(0, meta.length - PROOF_BYTES), 2 * PROOF_BYTES);
    const id = typeof page === 'string' ? null : lastEventIdOf(page.bytes.subarray(0, meta.length - page.position));
    return id && formatEventId(id);
  }

  async function cancel(userId: string, streamId: string): Promise<CancelAnswer> {
    try {
      const meta = await metaOf(userId, streamId);
      if (!isEnded(meta.status)) {
        // Sealed first, then signalled: from here on it is a fact, whoever hears of it when.
        await store.seal(streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null });
        generations.get(streamId)?.stop('fenced');
        await store.announce({ type: 'sealed', streamId });
        await closeSealed({ store, settler, telemetry, streamId });
      }
      const ended = await metaOf(userId, streamId);
      return {
        streamId,
        status: publicStatus(ended.status),
        lastEventId: await lastEventId(streamId, ended),
      };
    } catch (error) {
      const generation = generations.get(streamId);
      if (!(error instanceof StoreUnavailable) || generation?.facts.userId !== userId) throw error;
      // Redis is away and the model is called here: it is stopped now, and its end is stored when Redis is back.
      generation.stop('cancelled');
      return { streamId, status: 'cancelled', lastEventId: null };
    }
  }

  return {
    start,
    open,
    cancel,
    streamIdOf,
    streams,
    settler,
    recovery,
    generations,
    get isDraining() {
      return isDraining;
    },

    async state(userId, streamId) {
      return toState(streamId, await metaOf(userId, streamId));
    },

    async active(userId) {
      const streamIds = await store.userStreams(userId);
      const states = await Promise.all(
        streamIds.map(async (streamId) => {
          const meta = await store.meta(streamId);
          if (meta && meta.userId === userId && !isEnded(meta.status)) return toState(streamId, meta);
          if (meta) await settler.settleFromLog(streamId, meta);
          else await store.unindex(streamId, userId);
          return null;
        }),
      );
      return states.filter((state) => state !== null);
    },

    async activeAmong(streamIds) {
      const states = await Promise.all(
        streamIds.map(async (streamId) => {
          const meta = await store.meta(streamId);
          return meta === null || isEnded(meta.status)
            ? null
            : {
                ...(await toState(streamId, meta)),
                userId: meta.userId,
                owner: meta.owner,
              };
        }),
      );
      return states.filter((state) => state !== null);
    },

    async ownerOf(streamId) {
      // What this process holds it knows also while Redis is away.
      const held = generations.get(streamId)?.facts.userId ?? streams.get(streamId)?.userId;
      return held ?? (await store.meta(streamId))?.userId ?? null;
    },

    async remove(userId, streamId) {
      const meta = await store.meta(streamId);
      if (meta === null || meta.userId !== userId) return;
      await store.remove(streamId, 'any');
      generations.get(streamId)?.stop('fenced');
      await store.announce({ type: 'sealed', streamId });
      await store.unindex(streamId, userId);
    },

    heartbeat: () => renewLeases({ store, generations: [...generations.values()] }),

    async tick() {
      await Promise.all([streams.lookAround(), tickAll()]);
    },

    async drain(drainMs) {
      isDraining = true;
      await Promise.race([running(), delay(drainMs)]);
      // Whatever began before it was known: a start or a takeover that is still on its way.
      await Promise.race([Promise.allSettled([...starts]), delay(HANDOVER_MS)]);
      for (const generation of generations.values()) generation.stop('handover');
      await Promise.race([running(), delay(HANDOVER_MS)]);
      streams.stop();
      commit.stop();
      gathering.stop();
    },
  };
}

/** Between two slices of a tick: what they write is spread over the second until the next. */
const SLICE_PAUSE_MS = 40;
/** A handover that Redis does not answer to is given up after this long: the lease then runs out. */
const HANDOVER_MS = 4000;
const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A page from the store: whoever is at its end goes on live. */
function kindOf({ onLog, position, length }: Page, after: EventId | null): ResumeKind {
  if (!onLog) return 'position-lost';
  if (after === null) return 'beginning';
  return position === length ? 'live' : 'catch-up';
}

const factsOf = ({ userId, chatId, messageId, modelId, servedBy, parentId, startTime }: StreamMeta): StreamFacts => ({
  userId,
  chatId,
  messageId,
  modelId,
  servedBy,
  parentId,
  startTime,
});
