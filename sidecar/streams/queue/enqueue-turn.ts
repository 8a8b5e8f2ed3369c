import { RejoinError } from '../../../shared/errors.ts';
import type { StartRequest } from '../../../shared/stream/stream.ts';
import type { Quota } from '../../limits/quota.ts';
import type { Model } from '../../models/model.ts';
import type { ChatOutline, ChatStore } from '../../store/chats/chat-store.ts';
import type { Enqueued } from '../../store/chats/chat-queue.ts';
import { byFact, toAuthor } from '../../store/streams/asked-by.ts';
import { firstEpoch } from '../../store/streams/epoch.ts';
import type { StreamFacts, StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { STREAM_OVERHEAD } from '../end/settle.ts';
import { createStateCopy } from '../log/state-copy.ts';
import { forAsker, keptAsker, memberIn, storageAddress, type Asker } from '../start/asker.ts';
import { assertRepetition, fingerprintOf } from '../start/fingerprint.ts';
import { partialOf } from '../start/partial-of.ts';
import { idsIn, placeTurn } from '../start/place-request.ts';

export interface EnqueuerOptions {
  store: StreamStore;
  chats: ChatStore;
  telemetry: Telemetry;
  /** Throws `unknown_model` or `model_unavailable`. */
  resolveModel(modelId: string): Model;
  streamIdOf(userId: string, chatId: string, messageId: string): string;
  /** Counts a start that has to wait. Throws `rate_limited`. */
  admitWaiting(start: { streamId: string; userId: string; address: string | null }): Promise<void>;
  /** If it is left out, stored bytes are not counted. */
  quota?: Pick<Quota, 'reserve' | 'release'>;
  /** Maximum number of turns that wait in a chat. There is no limit if it is 0 or left out. */
  maxWaiting?: number;
  /** Maximum number of messages of a chat. There is no limit if it is 0 or left out. */
  messagesPerChat?: number;
}

/**
 * The bytes of a waiting turn: its question, which is stored in the queue and in the state copy, and the instructions in the
 * state copy. These bytes count for the turn's stream. If they counted for the chat, only the last of several waiting turns would be
 * counted, because a chat has only one number of bytes, which each start replaces.
 */
export const waitingBytes = (question: unknown, instructions: string): number =>
  (question === null ? 0 : 2 * Buffer.byteLength(JSON.stringify(question))) +
  Buffer.byteLength(instructions) +
  STREAM_OVERHEAD;

/**
 * PROTOCOL.md 5.8: puts a start into the queue of its chat, as a turn (a question and its answer).
 *
 *     check the limits → put the turn into the queue → create the stream, which waits
 *
 * The queue is written first. So if the turn of a waiting stream is not in the queue, every process knows that the turn was chosen
 * or removed. If a process dies before it has created the stream, the client gets no response and repeats the request. The
 * repeated request creates the stream.
 *
 * The returned function resolves to `null` if no answer is being written in the chat. The caller can then start the stream.
 * `interrupted`: the stream that the caller must stop, so that this turn can begin; `null` if the request interrupts nothing.
 */
export function createEnqueuer(options: EnqueuerOptions) {
  const { store, chats, telemetry, resolveModel, streamIdOf, quota } = options;

  return async function enqueue(
    userId: string,
    request: StartRequest,
    asker: Asker,
  ): Promise<{ interrupted: string | null } | null> {
    const { chatId, messageId, modelId } = request;
    const streamId = streamIdOf(userId, chatId, messageId);
    const [chat, queue] = await Promise.all([
      chats.outline(userId, chatId, idsIn(request)),
      chats.queue(userId, chatId),
    ]);
    if (!chat || !queue || chat.head.stream === null) return null;
    const now = new Date().toISOString();
    const isTurn = (id: string) =>
      queue.stream === streamIdOf(userId, chatId, id) || queue.turns.some((turn) => turn.messageId === id);
    const member = memberIn(userId, asker);
    const by = keptAsker(asker, userId, chat.head);
    const address = storageAddress(asker, userId, chat.head);
    const written = queue.stream === null ? null : ((await store.meta(queue.stream))?.messageId ?? null);
    const asked = placeTurn({ request, chat, now, written, isTurn, by: by && toAuthor(by) });
    const { servedBy } = resolveModel(modelId);
    // Throws if the request continues an answer that cannot be continued, so that the request is refused now and not when its turn
    // begins. The result is not needed.
    await partialOf({ ...request, userId, chats });
    const fingerprint = fingerprintOf(request, { beginsChat: false, member });
    const instructions = request.instructions ?? chat.head.instructions;
    const facts: StreamFacts = {
      userId,
      chatId,
      messageId,
      modelId,
      servedBy,
      parentId: asked.questionId,
      startTime: now,
      fingerprint,
      queued: '1',
      ...(request.continueFrom === undefined ? {} : { continueFrom: request.continueFrom }),
      ...byFact(by),
    };
    const epoch = firstEpoch();
    const messages = asked.question ? [asked.question] : [];
    const copy = createStateCopy({ facts, request: { messages, instructions } });
    const state = copy.whole({ status: 'queued', epoch, position: 0, text: '', now });

    const isKnown = queue.turns.some((turn) => turn.streamId === streamId) || queue.stream === streamId;
    const bytes = waitingBytes(asked.question, instructions);
    if (!isKnown) await admit({ userId, asker, streamId, address, chatId, chat, bytes });
    let enqueued: Enqueued;
    try {
      enqueued = await chats.enqueue({
        ...asked,
        userId,
        chatId,
        messageId,
        streamId,
        modelId,
        fingerprint,
        by: by && toAuthor(by),
        instructions: request.instructions,
        createdAt: now,
        interrupts: request.whenBusy === 'interrupt',
        member,
        maxWaiting: options.maxWaiting ?? 0,
        maxMessages: options.messagesPerChat ?? 0,
      });
      if (enqueued.what === 'full') throw full(options.maxWaiting ?? 0);
      if (enqueued.what === 'crowded') throw crowded(options.messagesPerChat ?? 0);
    } catch (error) {
      if (error instanceof RejoinError && !isKnown) await release({ userId, address, streamId });
      throw error;
    }
    if (enqueued.what === 'idle' || enqueued.what === 'gone') return null;
    if (enqueued.what === 'queued') assertRepetition(enqueued.fingerprint, request, { streamId, member });
    try {
      if (await store.wait({ streamId, facts, epoch, state })) telemetry.streamQueued({ streamId, modelId });
    } catch (error) {
      // The store refused to create the stream. Without a stream, the turn would be chosen and never begin, so it is removed.
      if (error instanceof RejoinError && !isKnown) {
        await chats.changeQueue(userId, chatId, { what: 'remove', messageId });
        await release({ userId, address, streamId });
      }
      throw error;
    }
    const interrupts = request.whenBusy === 'interrupt';
    return { interrupted: interrupts && enqueued.what === 'queued' ? enqueued.interrupted : null };
  };

  async function admit({
    userId,
    asker,
    streamId,
    address,
    chatId,
    chat,
    bytes,
  }: {
    /** The owner of the chat. */
    userId: string;
    asker: Asker;
    streamId: string;
    /** The network address whose quota the turn uses; `null` if the owner is no guest. */
    address: string | null;
    chatId: string;
    chat: ChatOutline;
    bytes: number;
  }): Promise<void> {
    await options.admitWaiting({ streamId, userId: asker.userId, address: asker.address });
    try {
      await quota?.reserve({
        userId,
        address,
        chatId,
        streamId,
        chatBytes: chat.head.bytes,
        streamBytes: bytes,
        temporary: chat.head.temporary,
        waits: true,
      });
    } catch (error) {
      await release({ userId, address, streamId });
      throw forAsker(error, asker, userId);
    }
  }

  async function release(whose: { userId: string; address: string | null; streamId: string }): Promise<void> {
    await quota?.release({ ...whose, streamIds: [whose.streamId] }).catch(() => {
      /* the reserved bytes stay counted until the reservation expires */
    });
  }
}

const full = (most: number) =>
  new RejoinError('queue_full', {
    detail: `At most ${most} messages can wait in a chat. Send this one again when an answer has ended, or remove one that waits.`,
    retryAfterSeconds: 5,
    rateLimit: { limit: most },
  });

const crowded = (most: number) =>
  new RejoinError('too_many_messages', {
    detail: `A chat may have at most ${most} messages, including all versions. Begin a new chat.`,
  });
