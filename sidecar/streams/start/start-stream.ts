import { createHash } from 'node:crypto';
import { RejoinError } from '../../../shared/errors.ts';
import { createFold } from '../../../shared/stream/fold.ts';
import type { Message, StoredMessage } from '../../../shared/chat/messages.ts';
import type { StartAnswer, StartRequest } from '../../../shared/stream/stream.ts';
import type { Model } from '../../models/model.ts';
import type { ChatOutline } from '../../store/chats/chat-store.ts';
import { byFact, toAuthor } from '../../store/streams/asked-by.ts';
import { firstEpoch } from '../../store/streams/epoch.ts';
import { isRunning, publicStatus, type StreamFacts, type StreamMeta } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { encodeFrames } from '../log/encode-frames.ts';
import type { GenerationStart } from '../write/generation.ts';
import { keptAsker, memberIn, storageAddress, type Asker } from './asker.ts';
import { ChatMoved, createChatClaim, MAX_POINTER_TRIES, streamIsActive, type ChatClaimOptions } from './claim-chat.ts';
import { assertRepetition, fingerprintOf } from './fingerprint.ts';
import { openHistory } from './history.ts';
import { openingChunks } from './opening-chunks.ts';
import { partialOf } from './partial-of.ts';
import { idsIn, placeRequest } from './place-request.ts';
import type { LocalStreams } from '../read/local-streams.ts';
import { createStateCopy } from '../log/state-copy.ts';

export interface StarterOptions extends ChatClaimOptions {
  streams: LocalStreams;
  telemetry: Telemetry;
  /** Throws `unknown_model` or `model_unavailable`. */
  resolveModel(modelId: string): Model;
  streamIdOf(userId: string, chatId: string, messageId: string): string;
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

/**
 * PROTOCOL.md 5.4: starts streams. Every step can be repeated by another process. The process that creates the stream calls
 * the model. A repeated start attaches to the stream.
 *
 *     check the limits → point the chat at the stream → index the stream
 *       → create the stream, if the chat still points at the stream → call the model
 */
export function createStarter(options: StarterOptions): Starter {
  const { store, chats, streams, settler, telemetry, resolveModel, streamIdOf, run } = options;
  const claimChat = createChatClaim(options);

  async function start(userId: string, request: StartRequest, asker: Asker): Promise<Started> {
    for (let tries = 1; ; tries++) {
      try {
        return await startOnce(userId, request, asker);
      } catch (error) {
        if (!(error instanceof ChatMoved)) throw error;
        if (tries >= MAX_POINTER_TRIES) throw streamIsActive(streamIdOf(userId, request.chatId, request.messageId));
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
      throw new RejoinError('message_exists', { detail: 'The message is in the chat, and its stream has expired.' });
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
        // The network address of a guest. It is stored only if the chat has no address yet.
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

  /**
   * Reads the parts of the chat that the request needs. If the chat's latest answer has ended, that answer is settled, and the chat is
   * read again.
   */
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
