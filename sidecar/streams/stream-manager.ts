import { setTimeout as delay } from 'node:timers/promises';
import { RejoinError } from '../../shared/errors.ts';
import type { EventId } from '../../shared/stream/event-id.ts';
import type { CancelAnswer, StartAnswer, StartRequest, StreamState } from '../../shared/stream/stream.ts';
import type { Quota } from '../limits/quota.ts';
import type { Admission } from '../limits/admission.ts';
import type { Log } from '../log.ts';
import type { Model } from '../models/model.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import {
  StoreUnavailable,
  type StreamFacts,
  type StreamMeta,
  type StreamStore,
} from '../store/streams/stream-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createCanceller, type Stopping } from './cancel.ts';
import { createEnder, type Ender } from './end/ender.ts';
import type { Settler } from './end/settle.ts';
import { createGathering as gatherByLoad, type Gathering } from './log/gathering.ts';
import { createStateCopy } from './log/state-copy.ts';
import { createFinder } from './read/find-stream.ts';
import { createLocalStreams, type LocalStreams } from './read/local-streams.ts';
import { createOpener, type Opening } from './read/open-stream.ts';
import { createStreamStates } from './read/stream-states.ts';
import { createTurnBeginner } from './queue/begin-turn.ts';
import { createEnqueuer } from './queue/enqueue-turn.ts';
import { createClearLostPointer, type ClearLostPointer } from './queue/lost-pointer.ts';
import { createManageQueue, type ManageQueue } from './queue/manage-queue.ts';
import { createQueueStart } from './queue/start-or-wait.ts';
import { createWaitingRoom, type WaitingRoom } from './queue/waiting-room.ts';
import { createRecovery, type Recovery, type TakenOver } from './recover/recovery.ts';
import type { Asker } from './start/asker.ts';
import { createStarter, type Started } from './start/start-stream.ts';
import { deriveStreamId } from './start/stream-id.ts';
import type { GenerationSettings } from './write/generation.ts';
import { createGenerations } from './write/generations.ts';
import { createGroupCommit } from './write/group-commit.ts';

export interface StreamManagerOptions {
  store: StreamStore;
  chats: ChatStore;
  settler: Settler;
  /** Throws `unknown_model` or `model_unavailable`. */
  resolveModel(modelId: string): Model;
  admission: Admission;
  /** If it is left out, stored bytes are not counted. */
  quota?: Pick<Quota, 'reserve' | 'release' | 'settled' | 'subjectsOf'>;
  /** Maximum number of messages in a chat. There is no limit if it is 0 or left out. */
  messagesPerChat?: number;
  /** How many turns may wait in a chat. There is no limit if it is 0 or left out. */
  queuedPerChat?: number;
  telemetry: Telemetry;
  log: Log;
  secret: string;
  settings: GenerationSettings;
  /** If it is left out, the load of this process decides how long chunks are gathered. */
  createGathering?(): Gathering;
}

/**
 * Everything that can be done with streams. `userId` is the owner of the chat, even if a member acts. A stream in a chat of
 * another owner is treated as missing. `active` is the exception: there, `userId` is the person who asked the questions, and the
 * result has that person's streams in all chats.
 */
export interface StreamManager {
  /** Starts a stream, or returns the stream that the same request has started before. `asker` is the owner by default. */
  start(userId: string, request: StartRequest, asker?: Asker): Promise<{ created: boolean; answer: StartAnswer }>;
  open(userId: string, streamId: string, after: EventId | null): Promise<Opening>;
  state(userId: string, streamId: string): Promise<StreamState>;
  active(userId: string): Promise<StreamState[]>;
  /**
   * For administrators: the states of those `streamIds` that are active, whichever user they belong to. Each state contains the
   * stream's user and the process that owns the stream.
   */
  activeAmong(streamIds: readonly string[]): Promise<StreamState[]>;
  /** The user to whom the stream belongs; `null` if there is no such stream. */
  ownerOf(streamId: string): Promise<string | null>;
  /** The owner and the chat of any person's stream; `null` if there is no such stream. */
  factsOf(streamId: string): Promise<Pick<StreamFacts, 'userId' | 'chatId'> | null>;
  /** Stops a stream. An editor may stop any answer that is being written, but only their own waiting turns. */
  cancel(userId: string, streamId: string, stopping?: Stopping): Promise<CancelAnswer>;
  /** The id of the stream that writes this message, even if that stream was never started. */
  streamIdOf(userId: string, chatId: string, messageId: string): string;
  /** Deletes the stream. If it is active, the process that writes the stream stops its model call. */
  remove(userId: string, streamId: string): Promise<void>;
  /** Keeps the reader of a waiting turn connected until the stream of that turn begins. */
  waitForTurn: WaitingRoom['wait'];
  /** Begins the stream of a waiting turn without delay if the turn was chosen. */
  beginSoon(streamId: string): void;
  clearLostPointer: ClearLostPointer;
  readonly queue: ManageQueue;
  readonly streams: LocalStreams;
  readonly ender: Ender;
  readonly recovery: Recovery;
  readonly generating: number;
  /** Resolves when this process no longer writes the stream. */
  left(streamId: string): Promise<void>;
  /** Renews the leases that are due, or all. Meant to be called `BEATS_PER_LEASE` times per lease. */
  heartbeat(which: 'due' | 'all'): Promise<void>;
  /** Looks for hanging models, missed notifications and lost owners. Meant to be called every second. */
  tick(): Promise<void>;
  /** Refuses new streams from now on. Streams that still run after `drainMs` are handed over. */
  drain(drainMs: number): Promise<void>;
  readonly isDraining: boolean;
}

/**
 * A drain waits this long for starts that are under way, and then as long again for handovers. The leases of streams that are
 * not handed over by then expire by themselves.
 */
const HANDOVER_MS = 4000;

export function createStreamManager(options: StreamManagerOptions): StreamManager {
  const { store, chats, settler, resolveModel, admission, telemetry, log, secret, settings } = options;
  const { createGathering = gatherByLoad } = options;
  const gathering = createGathering();
  const commit = createGroupCommit({ store, gathering, telemetry });
  const streams = createLocalStreams({
    store,
    leaseMs: settings.leaseMs,
    telemetry,
    gathering: createGathering(),
    onLapsed: recoverSoon,
  });
  const generations = createGenerations({ store, streams, commit, settler, telemetry, log, settings });
  const ender = createEnder({ store, settler, telemetry });
  const finder = createFinder({
    store,
    patienceMs: settings.leaseMs / 2,
    isHere: (streamId) => generations.has(streamId) || streams.get(streamId) !== undefined,
  });
  const states = createStreamStates({
    store,
    chats,
    finder,
    settler,
    lastActivityHere: (streamId) => generations.get(streamId)?.lastChunkAt,
  });
  const recovery = createRecovery({
    store,
    chats,
    streams,
    settler,
    ender,
    telemetry,
    log,
    policy: settings.recovery,
    resolveModel,
    begin: createTurnBeginner({
      store,
      chats,
      streams,
      ender,
      telemetry,
      resolveModel,
      admit: (start) => admission.admit({ ...start, running: generations.size }),
      release: (streamId) => admission.release(streamId),
      factsOf,
      run: generations.run,
    }),
    resume,
    isOwner: generations.has,
    isWilling: () => !isDraining,
  });
  const { cancel, remove } = createCanceller({ store, chats, ender, finder, states, generations });
  const streamIdOf = (userId: string, chatId: string, messageId: string) =>
    deriveStreamId({ secret, userId, chatId, messageId });
  const startStream = createStarter({
    store,
    chats,
    streams,
    settler,
    telemetry,
    leaseMs: settings.leaseMs,
    resolveModel,
    streamIdOf,
    quota: options.quota,
    messagesPerChat: options.messagesPerChat,
    admit: (start) => admission.admit({ ...start, running: generations.size }),
    run: generations.run,
  });
  const startOrWait = createQueueStart({
    store,
    chats,
    start: startStream,
    enqueue: createEnqueuer({
      store,
      chats,
      telemetry,
      resolveModel,
      streamIdOf,
      quota: options.quota,
      maxWaiting: options.queuedPerChat,
      messagesPerChat: options.messagesPerChat,
      admitWaiting: (waiting) => admission.admitWaiting(waiting),
    }),
    streamIdOf,
    begin: recovery.recover,
    cancel,
  });
  const waitingRoom = createWaitingRoom({ store, chats, begin: recoverSoon });
  const clearLostPointer = createClearLostPointer({ store, chats, leaseMs: settings.leaseMs });
  const queue = createManageQueue({
    store,
    chats,
    clearLostPointer,
    quota: options.quota,
    streamIdOf,
    end: (streamId) => ender.end(streamId, 'cancelled', null),
    cancel,
    begin: recovery.recover,
  });
  const starts = new Set<Promise<Started>>();
  let isDraining = false;

  store.onAnnouncement((announcement) => {
    if (announcement.type === 'sealed') generations.get(announcement.streamId)?.stop('fenced');
    if (announcement.type === 'released') recoverSoon(announcement.streamId);
  });

  settler.onChosen((streamId) => {
    if (!isDraining) return recoverSoon(streamId);
    // This process begins no more streams. The announcement makes another process begin this stream without delay.
    store.announce({ type: 'released', streamId }).catch(() => {
      /* recovery finds the stream in the index */
    });
  });

  function recoverSoon(streamId: string): void {
    recovery.recover(streamId).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) log.error({ event: 'recovery.failed', error });
    });
  }

  function resume({ streamId, meta, position, request, state, ...taken }: TakenOver): void {
    const facts = factsOf(meta);
    const local = streams.own(streamId, { userId: meta.userId, base: meta.base, position, id: taken.lastEventId });
    const copy = createStateCopy({ facts, request, existing: state, text: taken.fold.text });
    generations.run({ ...taken, local, facts, copy });
  }

  async function start(
    userId: string,
    request: StartRequest,
    asker: Asker = { userId, name: null, address: null },
  ): Promise<Started> {
    if (isDraining) throw new RejoinError('draining', { retryAfterSeconds: 1 });
    const starting = startOrWait(userId, request, asker);
    starts.add(starting);
    try {
      return await starting;
    } finally {
      starts.delete(starting);
      admission.release(streamIdOf(userId, request.chatId, request.messageId));
    }
  }

  return {
    start,
    open: createOpener({ store, streams, finder }),
    state: states.one,
    active: states.active,
    activeAmong: states.activeAmong,
    cancel,
    remove,
    waitForTurn: waitingRoom.wait,
    beginSoon: recoverSoon,
    clearLostPointer,
    queue,
    streamIdOf,
    streams,
    ender,
    recovery,
    get generating() {
      return generations.size;
    },
    async left(streamId) {
      await generations.get(streamId)?.done;
    },
    get isDraining() {
      return isDraining;
    },

    async ownerOf(streamId) {
      // Streams that this process writes or follows are known here even while Redis is away.
      const held = generations.get(streamId)?.facts.userId ?? streams.get(streamId)?.userId;
      return held ?? (await store.meta(streamId))?.userId ?? null;
    },

    async factsOf(streamId) {
      return generations.get(streamId)?.facts ?? (await store.meta(streamId));
    },

    heartbeat: generations.renew,

    async tick() {
      await Promise.all([streams.lookAround(), generations.tick()]);
    },

    async drain(drainMs) {
      isDraining = true;
      await Promise.race([generations.allLeft(), delay(drainMs)]);
      // Starts that began before the drain may still be running.
      await Promise.race([Promise.allSettled([...starts]), delay(HANDOVER_MS)]);
      generations.handOver();
      await Promise.race([generations.allLeft(), delay(HANDOVER_MS)]);
      streams.stop();
      commit.stop();
      gathering.stop();
    },
  };
}

const factsOf = ({
  userId,
  chatId,
  messageId,
  modelId,
  servedBy,
  parentId,
  startTime,
  fingerprint,
  queued,
  continueFrom,
  by,
}: StreamMeta): StreamFacts => ({
  userId,
  chatId,
  messageId,
  modelId,
  servedBy,
  parentId,
  startTime,
  fingerprint,
  ...(queued === undefined ? {} : { queued }),
  ...(continueFrom === undefined ? {} : { continueFrom }),
  ...(by === undefined ? {} : { by }),
});
