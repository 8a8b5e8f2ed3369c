import { createHash } from 'node:crypto';
import { RejoinError } from '../../../shared/errors.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';
import { createFold } from '../../../shared/stream/fold.ts';
import type { Model } from '../../models/model.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { askerIdOf } from '../../store/streams/asked-by.ts';
import { firstEpoch } from '../../store/streams/epoch.ts';
import type { NewStream, StreamFacts, StreamMeta, StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Ender } from '../end/ender.ts';
import { encodeFrames } from '../log/encode-frames.ts';
import { createStateCopy, requestIn } from '../log/state-copy.ts';
import type { LocalStreams } from '../read/local-streams.ts';
import { openHistory } from '../start/history.ts';
import { openingChunks } from '../start/opening-chunks.ts';
import { partialOf } from '../start/partial-of.ts';
import { toMessage } from '../start/start-stream.ts';
import type { GenerationStart } from '../write/generation.ts';

export interface TurnBeginnerOptions {
  store: StreamStore;
  chats: ChatStore;
  streams: LocalStreams;
  ender: Ender;
  telemetry: Telemetry;
  /** Throws if this process does not have the model. */
  resolveModel(modelId: string): Model;
  /** Throws if no further stream may start now. */
  admit(start: { streamId: string; userId: string; address: string | null }): Promise<void>;
  /** Called after `admit`, whether or not the turn has begun. The turn then no longer counts as a start under way. */
  release(streamId: string): void;
  factsOf(meta: StreamMeta): StreamFacts;
  /** Calls the model, as the stream's owner. */
  run(start: GenerationStart): void;
}

/**
 * A turn is a question and its answer. This function begins a waiting stream if its turn was chosen as the next one of the queue.
 * It ends the stream if the turn can never begin. Resolves to true if this call has begun or ended the stream.
 */
export type BeginTurn = (streamId: string) => Promise<boolean>;

/** A turn that was chosen but cannot begin yet is tried again after this time. */
const RETRY_MS = 1000;
/** A turn that still waits in its queue is checked again by recovery after this time. */
const WAITING_MS = 30_000;
/** A process that does not have the model leaves the turn to other processes for this long. Then it ends the turn. */
const MODEL_MS = 30_000;

const NOT_BEGUN = {
  model: { code: 'model_missing', text: 'This model is not available any more. Ask again with another one.' },
  question: { code: 'model_error', text: 'The question is not in the conversation any more. Please ask again.' },
} as const satisfies Record<string, StreamError>;

/**
 * PROTOCOL.md 5.8: begins turns that `settle.lua` has chosen. Any process may call the returned function for any stream, any number
 * of times: one call begins the stream (`begin.lua`), and the other calls find that the stream no longer waits.
 */
export function createTurnBeginner(options: TurnBeginnerOptions): BeginTurn {
  const { store, chats, streams, ender, telemetry, resolveModel, admit, release, run } = options;

  return async function begin(streamId) {
    const meta = await store.meta(streamId);
    if (meta?.status !== 'queued') return false;
    // The queue must be read after the meta. A turn enters the queue before its stream exists. So if the stream exists and its
    // turn is not in the queue, the turn has left the queue.
    const queue = await chats.queue(meta.userId, meta.chatId);
    if (queue?.turns.some((turn) => turn.streamId === streamId)) {
      await store.index([{ streamId, inMs: WAITING_MS }]);
      return false;
    }
    if (queue?.stream !== streamId) {
      // The turn was removed from the queue, or its chat is gone, but its stream was not ended.
      await ender.end(streamId, 'cancelled', null, meta.epoch);
      return true;
    }
    const chat = await chats.outline(meta.userId, meta.chatId, [meta.parentId]);
    if (!chat?.places.has(meta.parentId)) return fail(streamId, meta, NOT_BEGUN.question);
    const model = resolve(meta.modelId);
    if (model === null) {
      if (Date.now() - Date.parse(chat.head.streamAt ?? '') >= MODEL_MS) return fail(streamId, meta, NOT_BEGUN.model);
      // Another process may have the model.
      await store.index([{ streamId, inMs: RETRY_MS }]);
      return false;
    }
    try {
      const isOwn = askerIdOf(meta) === meta.userId;
      await admit({ streamId, userId: askerIdOf(meta), address: isOwn ? chat.head.address : null });
      return await beginAs(streamId, meta, model);
    } catch (error) {
      if (!(error instanceof RejoinError)) throw error;
      // A limit of the person, of their network address or of this process is reached. The turn stays chosen and is tried again.
      await store.index([{ streamId, inMs: RETRY_MS }]);
      return false;
    } finally {
      release(streamId);
    }
  };

  async function beginAs(streamId: string, meta: StreamMeta, model: Model): Promise<boolean> {
    const { userId, chatId, messageId, parentId, continueFrom } = meta;
    const startTime = new Date().toISOString();
    const facts = { ...options.factsOf(meta), startTime };
    const [history, partial, asked, old] = await Promise.all([
      openHistory({ chats, userId, chatId, after: parentId, contextTokens: model.contextTokens }),
      model.continuation === 'refuses' ? null : partialOf({ userId, chatId, continueFrom, chats }),
      chats.branch(userId, chatId, { at: parentId }, { limit: 1, maxBytes: 0 }),
      store.state(streamId),
    ]);
    const instructions = requestIn(old)?.instructions ?? '';
    const epoch = firstEpoch();
    const fold = createFold(messageId);
    const opening = openingChunks(messageId, partial, history.dropped);
    for (const chunk of opening) fold.take(chunk);
    const frames = encodeFrames({ data: opening.map((chunk) => JSON.stringify(chunk)), epoch, start: 0 });
    const messages = asked?.messages.slice(-1).map(({ message }) => toMessage(message)) ?? [];
    const copy = createStateCopy({ facts, request: { messages, instructions } });
    const now = { status: 'active', epoch, position: frames.length, text: fold.text, now: startTime } as const;
    const stream: Omit<NewStream, 'facts'> = { streamId, epoch, state: copy.whole(now), frames };
    // The stream is indexed before it begins, so that recovery always finds a running stream.
    await store.index([{ streamId, userId: askerIdOf(meta) }]);
    if (!(await store.begin({ ...stream, startTime }))) return false;
    const local = streams.own(streamId, { userId, base: 0, position: 0, id: null });
    local.live.push(frames);
    local.live.show(frames.length);
    telemetry.streamStarted({ streamId, modelId: meta.modelId, servedBy: meta.servedBy });
    run({
      local,
      facts,
      readRequest: () => history.request(instructions),
      model,
      epoch,
      fold,
      hash: createHash('sha256').update(frames),
      copy,
      attempt: partial ? 'continue' : 'first',
      isComplete: false,
    });
    return true;
  }

  /** Ends the stream of a turn that cannot begin in any process. As after every error, the queue is then paused. */
  async function fail(streamId: string, { epoch }: StreamMeta, error: StreamError): Promise<boolean> {
    // If another process has begun the stream meanwhile, the stream has another epoch and is not ended.
    await ender.end(streamId, 'error', error, epoch);
    return true;
  }

  function resolve(modelId: string): Model | null {
    try {
      return resolveModel(modelId);
    } catch {
      return null;
    }
  }
}
