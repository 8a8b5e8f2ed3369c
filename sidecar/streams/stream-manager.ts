import { createHash } from 'node:crypto';
import { RejoinError } from '../../shared/errors.ts';
import { createFold, unfold, type Chunk } from '../../shared/fold.ts';
import { formatEventId, type EventId } from '../../shared/event-id.ts';
import type { StoredMessage } from '../../shared/messages.ts';
import type { CancelAnswer, StartAnswer, StartRequest, StreamState } from '../../shared/stream.ts';
import type { Log } from '../log.ts';
import type { Model } from '../models/model.ts';
import type { ChatStore } from '../store/chat-store.ts';
import { epochSuffix, firstEpoch } from '../store/epoch.ts';
import {
  StoreUnavailable,
  type Page,
  type StreamFacts,
  type StreamMeta,
  type StreamStore,
} from '../store/stream-store.ts';
import { closeSealed } from './close-sealed.ts';
import { encodeFrames } from './encode-frames.ts';
import { createGeneration, type Generation, type GenerationSettings } from './generation.ts';
import { createGathering } from './gathering.ts';
import { createGroupCommit } from './group-commit.ts';
import { renewLeases } from './heartbeat.ts';
import { fitContext, placeRequest } from './history.ts';
import { createLocalStreams, type LocalStreams } from './local-streams.ts';
import { lastEventIdOf } from './read-frames.ts';
import { createRecovery, type Recovery, type TakenOver } from './recovery.ts';
import { createSettler, type Settler } from './settle.ts';
import { createStateCopy } from './state-copy.ts';
import { deriveStreamId } from './stream-id.ts';

export interface StreamManagerOptions {
  store: StreamStore;
  chats: ChatStore;
  /** Throws `unknown_model` or `model_unavailable`. */
  resolveModel(modelId: string): Model;
  log: Log;
  secret: string;
  settings: GenerationSettings;
}

/** Everything that can be done with streams, for one person at a time; what is not theirs does not exist. */
export interface StreamManager {
  /** Starts it, or answers with the one that this very request started before. */
  start(userId: string, request: StartRequest): Promise<{ created: boolean; answer: StartAnswer }>;
  /** Where a reader begins: what this process holds, or a page from the store. `isReset`: not where it asked. */
  open(userId: string, streamId: string, after: EventId | null): Promise<Opening>;
  state(userId: string, streamId: string): Promise<StreamState>;
  active(userId: string): Promise<StreamState[]>;
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
  from: Page | number;
  isReset: boolean;
  /** The reader has everything there will ever be. */
  isAtEnd: boolean;
  status: StreamState['status'];
}

const notFound = () => new RejoinError('not_found');
const isEnded = (status: StreamMeta['status']): status is Exclude<StreamMeta['status'], 'active' | 'sealed'> =>
  status !== 'active' && status !== 'sealed';
/** An event id with the line breaks around it, as it stands before a position, is never longer. */
const PROOF_BYTES = 96;
const OPENING_BYTES = 256 * 1024;

export function createStreamManager({
  store,
  chats,
  resolveModel,
  log,
  secret,
  settings,
}: StreamManagerOptions): StreamManager {
  const generations = new Map<string, Generation>();
  const gathering = createGathering();
  const commit = createGroupCommit({ store, gathering });
  const settler = createSettler({ store, chats });
  let isDraining = false;

  const streams = createLocalStreams({
    store,
    leaseMs: settings.leaseMs,
    onLapsed: (streamId) =>
      void recovery.recover(streamId).catch((error: unknown) => logUnlessAway('recovery.failed', error)),
  });
  const recovery = createRecovery({
    store,
    streams,
    settler,
    log,
    policy: settings.recovery,
    resolveModel,
    resume,
    isWilling: () => !isDraining,
  });
  const deps = { store, streams, commit, settler, log, settings };

  store.onAnnouncement((announcement) => {
    const { streamId } = announcement;
    if (announcement.type === 'sealed') generations.get(streamId)?.stop('fenced');
    else void recovery.recover(streamId).catch((error: unknown) => logUnlessAway('recovery.failed', error));
  });

  function logUnlessAway(event: string, error: unknown): void {
    if (!(error instanceof StoreUnavailable)) log.error({ event, error });
  }

  function run(generation: Generation): void {
    generations.set(generation.streamId, generation);
    void generation.done.then(() => {
      if (generations.get(generation.streamId) === generation) generations.delete(generation.streamId);
    });
  }

  function resume({ streamId, meta, position, ...taken }: TakenOver): void {
    const base = meta.base;
    const local = streams.own(streamId, meta.userId, { base, at: position });
    const copy = createStateCopy({ facts: factsOf(meta), request: taken.request, existing: taken.state });
    run(createGeneration(deps, { ...taken, local, facts: factsOf(meta), copy }));
  }

  async function start(userId: string, request: StartRequest): Promise<{ created: boolean; answer: StartAnswer }> {
    if (isDraining) throw new RejoinError('draining', { retryAfterSeconds: 1 });
    const { chatId, messageId, modelId } = request;
    const model = resolveModel(modelId);
    const streamId = streamIdOf(userId, chatId, messageId);
    const answer = (meta: Pick<StreamMeta, 'status' | 'modelId' | 'servedBy'>, created: boolean) => ({
      created,
      answer: {
        streamId,
        chatId,
        messageId,
        modelId: meta.modelId,
        servedBy: meta.servedBy,
        status: isEnded(meta.status) ? meta.status : ('active' as const),
        resumable: store.resumable,
      },
    });

    const existing = await store.meta(streamId);
    if (existing) return answer(existing, false);

    const chat = await chats.get(userId, chatId);
    if (chat?.messages.some((message) => message.id === messageId)) {
      throw new RejoinError('message_exists', { detail: 'Its stream has expired; the message is in the chat.' });
    }
    const now = new Date().toISOString();
    const asked = placeRequest({ request, chat, now });
    await claimChat({
      userId,
      chatId,
      streamId,
      seen: chat?.stream ?? null,
      seenAt: chat?.streamAt ?? null,
      asked,
      instructions: request.instructions,
    });

    const { messages, dropped } = fitContext(asked.history, model.contextTokens);
    const stateRequest = { messages, instructions: request.instructions ?? chat?.instructions ?? '' };
    const facts: StreamFacts = {
      userId,
      chatId,
      messageId,
      modelId,
      servedBy: model.servedBy,
      parentId: asked.parentId,
      startTime: now,
    };
    const epoch = firstEpoch();
    const partial = model.continuation === 'refuses' ? null : asked.partial;
    const fold = createFold(messageId);
    const opening = openingChunks(messageId, partial, dropped);
    for (const chunk of opening) fold.take(chunk);
    const frames = encodeFrames({ data: opening.map((chunk) => JSON.stringify(chunk)), epoch, start: 0 });
    const copy = createStateCopy({ facts, request: stateRequest });
    const state = copy.whole({ status: 'active', epoch, position: frames.length, text: fold.text, now });

    await store.index([{ streamId, userId }]);
    if (!(await store.create({ streamId, facts, epoch, state, frames }))) {
      const winner = await store.meta(streamId);
      if (winner) return answer(winner, false);
      throw new RejoinError('stream_active', {
        detail: 'It was removed a moment ago. Please try again.',
        extra: { streamId },
        retryAfterSeconds: 1,
      });
    }
    await superseded(userId, chatId, streamId, epoch);
    const local = streams.own(streamId, userId, { base: 0, at: 0 });
    local.live.push(frames);
    local.live.show(frames.length);
    log.info({ event: 'stream.started', streamId, modelId, servedBy: model.servedBy });
    run(
      createGeneration(deps, {
        local,
        facts,
        request: stateRequest,
        model,
        epoch,
        fold,
        hash: createHash('sha256').update(frames),
        copy,
        attempt: partial ? 'continue' : 'first',
        isComplete: false,
      }),
    );
    return answer({ ...facts, status: 'active' }, true);
  }

  /** Points the chat at the new stream, once the one it points at has ended. */
  async function claimChat({
    userId,
    chatId,
    streamId,
    seen,
    seenAt,
    asked,
    instructions,
  }: {
    userId: string;
    chatId: string;
    streamId: string;
    seen: string | null;
    seenAt: string | null;
    asked: ReturnType<typeof placeRequest>;
    instructions: string | undefined;
  }): Promise<void> {
    let before = seen;
    let beforeAt = seenAt;
    for (let tries = 0; tries < 5; tries++) {
      if (before !== null && before !== streamId) {
        const meta = await store.meta(before);
        if (meta && !isEnded(meta.status)) throw active(before);
        // Nothing there: its start is under way, or died between two steps, which no one waits for longer than a lease.
        if (!meta && Date.now() - Date.parse(beforeAt ?? '') < settings.leaseMs) throw active(before);
        if (meta) await settler.settleFromLog(before, meta);
        else await chats.unpoint(userId, chatId, before);
        before = null;
      }
      const at = await chats.point({
        userId,
        chatId,
        seen: before,
        streamId,
        title: asked.title,
        instructions,
        messages: asked.fresh,
      });
      if (at === streamId) return;
      before = at === '' ? null : at;
      beforeAt = new Date().toISOString();
    }
    throw active(before ?? streamId);
  }

  const active = (streamId: string) =>
    new RejoinError('stream_active', { detail: 'Wait for it, or stop it first.', extra: { streamId } });

  /** The chat may have been given to another between the pointer and the creation. */
  async function superseded(userId: string, chatId: string, streamId: string, epoch: string): Promise<void> {
    const at = await chats.pointer(userId, chatId);
    if (at === streamId) return;
    await store.seal(streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null, ownerEpoch: epoch });
    await store.remove(streamId, 'any');
    await store.unindex(streamId, userId);
    throw active(at ?? streamId);
  }

  async function metaOf(userId: string, streamId: string): Promise<StreamMeta> {
    const meta = await store.meta(streamId);
    if (meta === null) {
      await store.unindex(streamId, userId).catch(() => {
        /* mended by the next cleanup */
      });
      throw notFound();
    }
    if (meta.userId !== userId) throw notFound();
    return meta;
  }

  async function open(userId: string, streamId: string, after: EventId | null): Promise<Opening> {
    const local = streams.get(streamId);
    if (local && local.userId === userId && !local.live.isDone) {
      const at = after === null ? local.base : after.position;
      const isHeld = local.live.from(at) !== null && (after === null || provenHere(local.live, after));
      if (isHeld) return { from: at, isReset: false, isAtEnd: false, status: 'active' };
    }
    const page = await readSoon(streamId, after);
    if (typeof page === 'string' || page.userId !== userId) {
      if (typeof page === 'string')
        await store.unindex(streamId, userId).catch(() => {
          /* mended by the next cleanup */
        });
      throw notFound();
    }
    const status = isEnded(page.status) ? page.status : 'active';
    return {
      from: page,
      isReset: !page.onLog,
      isAtEnd: page.onLog && status !== 'active' && after !== null && page.position === page.length,
      status,
    };
  }

  /** A reader that was here before and finds nothing may be ahead of an owner who is about to write a lost log anew. */
  async function readSoon(streamId: string, after: EventId | null): Promise<Page | 'gone' | 'deleted'> {
    const until = Date.now() + settings.leaseMs;
    for (;;) {
      const page = await store.read(streamId, after ?? 'base', OPENING_BYTES);
      const mayComeBack = page === 'gone' && after !== null && generations.has(streamId);
      if (!mayComeBack || Date.now() > until) return page;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function toState(streamId: string, meta: StreamMeta): Promise<StreamState> {
    const generation = generations.get(streamId);
    return {
      streamId,
      chatId: meta.chatId,
      messageId: meta.messageId,
      modelId: meta.modelId,
      status: isEnded(meta.status) ? meta.status : 'active',
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
    return typeof page === 'string' ? null : lastEventIdOf(page.bytes.subarray(0, meta.length - page.position));
  }

  async function cancel(userId: string, streamId: string): Promise<CancelAnswer> {
    try {
      const meta = await metaOf(userId, streamId);
      if (!isEnded(meta.status)) {
        // Sealed first, then signalled: from here on it is a fact, whoever hears of it when.
        await store.seal(streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null });
        generations.get(streamId)?.stop('fenced');
        await store.announce({ type: 'sealed', streamId });
        await closeSealed({ store, settler, streamId });
      }
      const ended = await metaOf(userId, streamId);
      return {
        streamId,
        status: isEnded(ended.status) ? ended.status : 'active',
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

  const streamIdOf = (userId: string, chatId: string, messageId: string) =>
    deriveStreamId({ secret, userId, chatId, messageId });

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
      const now = Date.now();
      for (const generation of generations.values()) generation.tick(now);
      await Promise.all([streams.lookAround(), recovery.sweep()]);
    },

    async drain(drainMs) {
      isDraining = true;
      const running = () => Promise.all([...generations.values()].map(({ done }) => done));
      await Promise.race([running(), new Promise((resolve) => setTimeout(resolve, drainMs))]);
      for (const generation of generations.values()) generation.stop('handover');
      await running();
      streams.stop();
      commit.stop();
      gathering.stop();
    },
  };
}

/** The frame before a position, in memory, carries that event id. */
function provenHere(live: { before(position: number, count: number): Buffer | null }, id: EventId): boolean {
  const proof = `\nid: ${formatEventId(id)}\n\n`;
  return live.before(id.position, proof.length)?.toString('latin1') === proof;
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

/** What a log begins with: an empty message, or the one it goes on from, its last text open. */
function openingChunks(messageId: string, partial: StoredMessage | null, dropped: number): Chunk[] {
  const metadata = dropped > 0 ? { droppedMessages: dropped } : undefined;
  if (partial === null) return [{ type: 'start', messageId, ...(metadata ? { messageMetadata: metadata } : {}) }];
  const last = partial.parts.at(-1);
  const open = last?.type === 'text' ? [{ kind: 'text' as const, id: `p${partial.parts.length - 1}`, part: last }] : [];
  return unfold(
    { id: messageId, role: 'assistant', parts: partial.parts, metadata },
    { open, inStep: open.length > 0 },
  );
}
