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
  /** The turn runs now, or was not begun. */
  release(streamId: string): void;
  factsOf(meta: StreamMeta): StreamFacts;
  /** Calls the model, as the stream's owner. */
  run(start: GenerationStart): void;
}

/** Begins a stream if its turn has come. Resolves to true if something was done about it. */
export type BeginTurn = (streamId: string) => Promise<boolean>;

/** A turn that may not begin now is tried again after this time. */
const RETRY_MS = 1000;
/** After this time, recovery looks again at a turn that waits behind others. Usually the process that chose it has begun it by then. */
const WAITING_MS = 30_000;
/** For this time, a process that does not have the model leaves the turn to other processes, which may have it. */
const MODEL_MS = 30_000;

const NOT_BEGUN = {
  model: { code: 'model_missing', text: 'This model is not available any more. Ask again with another one.' },
  question: { code: 'model_error', text: 'The question is not in the conversation any more. Please ask again.' },
} as const satisfies Record<string, StreamError>;

/**
 * PROTOCOL.md 5.8: begins turns that `settle.lua` has chosen. Any process may call this for any stream, any number of times:
 * one call makes the stream begin, in the slot of the stream, and the others find that it does not wait any more. So it does
 * not matter which process dies: the one that ended the turn before, recovery, a reader or the next start comes here.
 */
export function createTurnBeginner(options: TurnBeginnerOptions): BeginTurn {
  const { store, chats, streams, ender, telemetry, resolveModel, admit, release, run } = options;

  return async function begin(streamId) {
    const meta = await store.meta(streamId);
    if (meta?.status !== 'queued') return false;
    // Read after the meta: a stream exists only after its turn was put into the queue.
    const queue = await chats.queue(meta.userId, meta.chatId);
    if (queue?.turns.some((turn) => turn.streamId === streamId)) {
      await store.index([{ streamId, inMs: WAITING_MS }]);
      return false;
    }
    if (queue?.stream !== streamId) {
      // It was taken out, and the process that did so died before it ended the stream.
      await ender.end(streamId, 'cancelled', null, meta.epoch);
      return true;
    }
    const chat = await chats.outline(meta.userId, meta.chatId, [meta.parentId]);
    if (!chat?.places.has(meta.parentId)) return fail(streamId, meta, NOT_BEGUN.question);
    const model = resolve(meta.modelId);
    if (model === null) {
      if (Date.now() - Date.parse(chat.head.streamAt ?? '') >= MODEL_MS) return fail(streamId, meta, NOT_BEGUN.model);
      // Another process may have it.
      await store.index([{ streamId, inMs: RETRY_MS }]);
      return false;
    }
    try {
      const isOwn = askerIdOf(meta) === meta.userId;
      await admit({ streamId, userId: askerIdOf(meta), address: isOwn ? chat.head.address : null });
      return await beginAs(streamId, meta, model);
    } catch (error) {
      if (!(error instanceof RejoinError)) throw error;
      // The person has as many answers written as they may, or this process has: it stays at the head of its chat.
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
    // First the indexes, so that a stream that runs is always found.
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

  /** It cannot begin here or anywhere: its end says why, and holds the turns behind it. */
  async function fail(streamId: string, { epoch }: StreamMeta, error: StreamError): Promise<boolean> {
    // Not if another process has begun it meanwhile.
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
