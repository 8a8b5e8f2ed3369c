import { createHash } from 'node:crypto';
import { RejoinError } from '../../../shared/errors.ts';
import { createFold } from '../../../shared/stream/fold.ts';
import type { Message, StoredMessage } from '../../../shared/messages.ts';
import type { StartAnswer, StartRequest } from '../../../shared/stream/stream.ts';
import type { Quota } from '../../limits/quota.ts';
import type { Model } from '../../models/model.ts';
import type { ChatOutline, ChatStore, Pointing } from '../../store/chats/chat-store.ts';
import { askerIdOf, byFact, toAuthor } from '../../store/streams/asked-by.ts';
import { epochSuffix, firstEpoch } from '../../store/streams/epoch.ts';
import {
  isRunning,
  publicStatus,
  type CreateResult,
  type NewStream,
  type StreamFacts,
  type StreamMeta,
  type StreamStore,
} from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { encodeFrames } from '../log/encode-frames.ts';
import type { GenerationStart } from '../write/generation.ts';
import { forAsker, keptAsker, memberIn, storageAddress, type Asker } from './asker.ts';
import { assertRepetition, fingerprintOf } from './fingerprint.ts';
import { openHistory } from './history.ts';
import { openingChunks } from './opening-chunks.ts';
import { partialOf } from './partial-of.ts';
import { idsIn, placeRequest } from './place-request.ts';
import type { LocalStreams } from '../read/local-streams.ts';
import type { Settler } from '../end/settle.ts';
import { createStateCopy } from '../log/state-copy.ts';

export interface StarterOptions {
  store: StreamStore;
  chats: ChatStore;
  streams: LocalStreams;
  settler: Settler;
  telemetry: Telemetry;
  leaseMs: number;
  /** Throws `unknown_model` or `model_unavailable`. */
  resolveModel(modelId: string): Model;
  streamIdOf(userId: string, chatId: string, messageId: string): string;
  /** Throws if no further stream may start. It is called before anything of the new stream is stored. */
  admit(start: { streamId: string; userId: string; address: string | null }): Promise<void>;
  /** If it is left out, stored bytes are not counted. */
  quota?: Pick<Quota, 'reserve' | 'release'>;
  /** There is no limit if it is 0 or left out. */
  messagesPerChat?: number;
  /** Calls the model, as the stream's owner. */
  run(start: GenerationStart): void;
}

export interface Started {
  /** False if the same start was made before. `answer` then describes the stream of that start. */
  created: boolean;
  /** `answer.status` is `queued` if the stream cannot begin yet, because it waits for earlier answers in the chat. */
  answer: StartAnswer;
}

/** `userId`: the owner of the chat. */
export type Starter = (userId: string, request: StartRequest, asker: Asker) => Promise<Started>;

interface Claim {
  /** The stream that the chat pointed at when the chat was read; `null` if there was none. */
  seen: string | null;
  /** Since when the chat had pointed at that stream, ISO 8601. */
  seenAt: string | null;
  asker: Asker;
  /** The network address whose quota the new bytes use; `null` if the owner of the chat is no guest. */
  address: string | null;
  stream: NewStream;
  pointing: Omit<Pointing, 'userId' | 'chatId' | 'seen' | 'streamId'>;
  /** The bytes of the chat without the new messages. */
  chatBytes: number;
}

/** Thrown if an answer has ended since the chat was read. The question then has another place: after that answer. */
class ChatMoved extends Error {}

/** How often the chat's pointer may change during one start before the start is refused. */
const MAX_POINTER_TRIES = 5;

/**
 * PROTOCOL.md 5.4: starts streams. Every step can be repeated by another process. The process that creates the stream calls
 * the model. A repeated start attaches to the stream.
 *
 *     check the limits → point the chat at the stream → index the stream
 *       → create the stream, if the chat still points at the stream → call the model
 */
export function createStarter(options: StarterOptions): Starter {
  const { store, chats, streams, settler, telemetry, leaseMs, resolveModel, streamIdOf, admit, run } = options;

  async function start(userId: string, request: StartRequest, asker: Asker): Promise<Started> {
    for (let tries = 1; ; tries++) {
      try {
        return await startOnce(userId, request, asker);
      } catch (error) {
        if (!(error instanceof ChatMoved)) throw error;
        if (tries >= MAX_POINTER_TRIES) throw active(streamIdOf(userId, request.chatId, request.messageId));
      }
    }
  }

  async function startOnce(userId: string, request: StartRequest, asker: Asker): Promise<Started> {
    const { chatId, messageId, modelId } = request;
    const model = resolveModel(modelId);
    const streamId = streamIdOf(userId, chatId, messageId);
    const member = memberIn(userId, asker);
    const answer = (meta: Pick<StreamMeta, 'status' | 'modelId' | 'servedBy'>, created: boolean) => ({
      created,
      answer: answerOf({ streamId, chatId, messageId, resumable: store.resumable, meta }),
    });
    const attach = (meta: StreamMeta) => {
      assertRepetition(meta.fingerprint, request, { streamId, member });
      return answer(meta, false);
    };

    const [existing, chat] = await Promise.all([store.meta(streamId), outlineOf(userId, request, streamId)]);
    if (existing) return attach(existing);
    if (chat?.places.has(messageId)) {
      throw new RejoinError('message_exists', { detail: 'Its stream has expired; the message is in the chat.' });
    }
    const now = new Date().toISOString();
    const by = keptAsker(asker, userId, chat?.head ?? null);
    const asked = placeRequest({ request, chat, now, by: by && toAuthor(by) });
    const { contextTokens } = model;
    const { after, fresh } = asked;
    const [history, partial] = await Promise.all([
      openHistory({ chats, userId, chatId, after, fresh, contextTokens }),
      model.continuation === 'refuses' ? null : partialOf({ ...request, userId, chats }),
    ]);
    const instructions = request.instructions ?? chat?.head.instructions ?? '';
    const facts: StreamFacts = {
      userId,
      chatId,
      messageId,
      modelId,
      servedBy: model.servedBy,
      parentId: asked.parentId,
      startTime: now,
      fingerprint: fingerprintOf(request, { beginsChat: chat === null, member }),
      ...byFact(by),
    };
    const epoch = firstEpoch();
    const fold = createFold(messageId);
    const opening = openingChunks(messageId, partial, history.dropped);
    for (const chunk of opening) fold.take(chunk);
    const frames = encodeFrames({ data: opening.map((chunk) => JSON.stringify(chunk)), epoch, start: 0 });
    const copy = createStateCopy({ facts, request: { messages: asked.fresh.slice(-1).map(toMessage), instructions } });
    const state = copy.whole({ status: 'active', epoch, position: frames.length, text: fold.text, now });

    const isOurs = await claimChat({
      seen: chat?.head.stream ?? null,
      seenAt: chat?.head.streamAt ?? null,
      asker,
      address: storageAddress(asker, userId, chat?.head ?? null),
      stream: { streamId, facts, epoch, state, frames },
      pointing: {
        title: asked.title,
        instructions: request.instructions,
        messages: asked.fresh,
        // Stored only if the chat has no address yet.
        address: member === null ? asker.address : null,
        member,
        maxMessages: options.messagesPerChat,
        atEnd: request.atEnd,
        temporary: chat?.head.temporary ?? request.temporary ?? false,
      },
      chatBytes: chat?.head.bytes ?? 0,
    });
    if (!isOurs) {
      const winner = await store.meta(streamId);
      if (winner) return attach(winner);
      throw new RejoinError('stream_active', {
        detail: 'The stream of this message was removed a moment ago. Please try again.',
        extra: { streamId },
        retryAfterSeconds: 1,
      });
    }
    const local = streams.own(streamId, { userId, base: 0, position: 0, id: null });
    local.live.push(frames);
    local.live.show(frames.length);
    telemetry.streamStarted({ streamId, modelId, servedBy: model.servedBy });
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
    return answer({ ...facts, status: 'active' }, true);
  }

  /** Reads the chat as far as the request needs it. If its latest answer has ended, that answer is settled first. */
  async function outlineOf(userId: string, request: StartRequest, streamId: string): Promise<ChatOutline | null> {
    const outline = () => chats.outline(userId, request.chatId, idsIn(request));
    const chat = await outline();
    const before = chat?.head.stream ?? null;
    if (before === null || before === streamId) return chat;
    const meta = await store.meta(before);
    if (meta === null || isRunning(meta.status)) return chat;
    await settler.settleFromLog(before, meta);
    return outline();
  }

  /**
   * Points the chat at the new stream and creates that stream. Throws `stream_active` if the chat points at another stream that is
   * still running. Resolves to false if another start has created the new stream already.
   */
  async function claimChat(claim: Claim): Promise<boolean> {
    try {
      return await pointAtStream(claim);
    } catch (error) {
      const { address, asker, stream, chatBytes } = claim;
      const { streamId, facts } = stream;
      const { userId, chatId } = facts;
      // The stream no longer counts as one of the person's active streams. A RejoinError means that the start was refused. After any
      // other error, a reply of Redis may have been lost, and the stream may exist. So in that case the stream stays in the index
      // that recovery reads.
      const wasRefused = error instanceof RejoinError;
      await Promise.all([
        wasRefused ? store.unindex(streamId, asker.userId) : store.unindexUser(streamId, asker.userId),
        options.quota?.release({
          userId,
          address,
          streamIds: [streamId],
          ...(chatBytes === 0 ? { chatId } : {}),
        }),
      ]).catch(() => {});
      throw error;
    }
  }

  async function pointAtStream({ seen, seenAt, asker, address, stream, pointing, chatBytes }: Claim): Promise<boolean> {
    const { streamId } = stream;
    const { userId, chatId } = stream.facts;
    let before = seen;
    let beforeAt = seenAt;
    let isAdmitted = false;
    for (let tries = 0; tries < MAX_POINTER_TRIES; tries++) {
      if (before !== null && before !== streamId) {
        const meta = await store.meta(before);
        if (meta && isRunning(meta.status)) throw active(before);
        // The chat points at a stream that does not exist: its start is under way, or the starting process died. After one lease,
        // that start counts as failed.
        if (!meta && Date.now() - Date.parse(beforeAt ?? '') < leaseMs) throw active(before);
        // After Redis was away, the stream may come back: its owner writes it again if Redis has lost it.
        if (!meta && store.wasAway()) throw new RejoinError('store_unavailable', { retryAfterSeconds: 1 });
        if (meta) {
          await settler.settleFromLog(before, meta);
          throw new ChatMoved();
        }
        await chats.unpoint(userId, chatId, before);
        before = null;
      }
      if (!isAdmitted) await admit({ streamId, userId: asker.userId, address: asker.address });
      isAdmitted = true;
      // Reserved at each try: if the chat was deleted since the last try, the reservation of that try is gone.
      const added = pointing.messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message)), 0);
      const streamBytes = stream.state.length + stream.frames.length;
      const stored = { userId, address, chatId, streamId, chatBytes: chatBytes + added, streamBytes };
      const temporary = pointing.temporary ?? false;
      await options.quota?.reserve({ ...stored, temporary }).catch((error: unknown) => {
        throw forAsker(error, asker, userId);
      });
      const { at, created } = await pointAndCreate(stream, { ...pointing, userId, chatId, streamId, seen: before });
      if (created !== 'unpointed') return created === 'created';
      before = at === '' ? null : at;
      beforeAt = new Date().toISOString();
    }
    throw active(before ?? streamId);
  }

  /**
   * If streams and chats are on the same Redis server, sends all commands without waiting for replies; otherwise step by step.
   * `at`: the stream at which the chat points now; '' if there is none.
   */
  async function pointAndCreate(stream: NewStream, pointing: Pointing): Promise<{ at: string; created: CreateResult }> {
    const { streamId } = stream;
    const { userId, chatId } = stream.facts;
    const index = () => store.index([{ streamId, userId: askerIdOf(stream.facts) }]);
    if (store.seesChats) {
      const point = await chats.preparePoint(pointing);
      const [{ at, isFull }, , created] = await Promise.all([point(), index(), store.create(stream, 'pointed')]);
      if (isFull) throw chatIsFull();
      return { at, created };
    }
    const { at, isFull } = await chats.point(pointing);
    if (isFull) throw chatIsFull();
    if (at !== streamId) return { at, created: 'unpointed' };
    await index();
    const created = await store.create(stream);
    if (created !== 'created') return { at, created };
    // The chat's pointer may have moved between the first step and the creation.
    const now = await chats.pointer(userId, chatId);
    if (now === streamId) return { at, created };
    await withdraw(stream);
    return { at: now ?? '', created: 'unpointed' };
  }

  const active = (streamId: string) =>
    new RejoinError('stream_active', { detail: 'Wait for it, or stop it first.', extra: { streamId } });

  const chatIsFull = () =>
    new RejoinError('too_many_messages', {
      detail: `A chat may have at most ${options.messagesPerChat} messages, including all versions. Begin a new chat.`,
    });

  /** Ends and removes a stream whose id no client has received yet. */
  async function withdraw({ streamId, facts, epoch }: NewStream): Promise<void> {
    await store.seal(streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null, ownerEpoch: epoch });
    await store.remove(streamId, 'any');
    await store.unindex(streamId, askerIdOf(facts));
  }

  return start;
}

export const answerOf = ({
  streamId,
  chatId,
  messageId,
  resumable,
  meta,
}: {
  streamId: string;
  chatId: string;
  messageId: string;
  resumable: boolean;
  meta: Pick<StreamMeta, 'status' | 'modelId' | 'servedBy'>;
}): StartAnswer => ({
  streamId,
  chatId,
  messageId,
  modelId: meta.modelId,
  servedBy: meta.servedBy,
  status: publicStatus(meta.status),
  resumable,
});

/** A message as the state copy keeps it. The copy has only the new message of a request; older messages are in the conversation. */
export const toMessage = ({ id, role, parts }: StoredMessage): Message => ({ id, role, parts });
