import { type Message, messageText } from '../../../shared/chat/messages.ts';
import type { Quota, Stored } from '../../limits/quota.ts';
import type { Author } from '../../../shared/chat/rooms.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';
import type { Log } from '../../log.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { askerIdOf } from '../../store/streams/asked-by.ts';
import type { PackStore } from '../../store/streams/pack-store.ts';
import { isRunning, type StreamFacts, type StreamMeta, type StreamStore } from '../../store/streams/stream-store.ts';
import { replayLog } from '../log/replay-log.ts';

export interface Settlement {
  facts: StreamFacts;
  message: Message;
  outcome: StreamOutcome;
  error: StreamError | null;
  /** Length of the closed log. */
  logBytes: number;
  /** The person who stopped the stream, if the chat has a room. */
  stoppedBy?: Author | undefined;
}

/**
 * PROTOCOL.md 8.5: what remains to be done once a stream is closed. Its message goes into the conversation, the pointer from
 * the conversation to the stream is cleared, and the next turn (a question and its answer) may be chosen from the chat's queue.
 * Then the stream leaves the indexes of active streams. Any process may settle a stream, any number of times. If a process dies
 * while it settles a stream, the stream is settled again by recovery, by a start in its chat, or by a reader of its chat.
 */
export interface Settler {
  settle(streamId: string, settlement: Settlement): Promise<void>;
  /** Like `settle`, but a failure is only logged: recovery settles the stream later. */
  settleOrDefer(streamId: string, settlement: Settlement): Promise<void>;
  /** Like `settle`, with the message from the log. */
  settleFromLog(streamId: string, meta: StreamMeta): Promise<void>;
  /**
   * Sets the function that begins the stream of a chosen turn. The function must return immediately. If it fails, recovery begins
   * the stream.
   */
  onChosen(begin: (streamId: string) => void): void;
}

/** The process that chose a turn has this much time to begin its stream. After that, recovery begins it. */
export const BEGIN_GRACE_MS = 1000;

/** The estimated bytes of a stream besides its log and its texts: its meta and its other keys. */
export const STREAM_OVERHEAD = 1500;

export interface SettlerOptions {
  store: StreamStore;
  chats: ChatStore;
  log: Pick<Log, 'warn'>;
  /** If it is left out, stored bytes are not counted. */
  quota?: Pick<Quota, 'settled' | 'release'>;
  /** If it is left out, logs are not packed. */
  packing?: { store: Pick<PackStore, 'note'>; afterMs: number };
}

export function createSettler({ store, chats, log, quota, packing }: SettlerOptions): Settler {
  let begin: (streamId: string) => void = () => {
    /* until `onChosen` is called, recovery begins the stream */
  };

  async function settle(
    streamId: string,
    { facts, message, outcome, error, logBytes, stoppedBy }: Settlement,
  ): Promise<void> {
    const { userId, chatId, parentId, startTime, modelId } = facts;
    const answer = {
      ...message,
      parentId: parentId === '' ? null : parentId,
      createdAt: startTime,
      modelId,
      status: outcome,
      ...(error ? { errorText: error.text, errorCode: error.code } : {}),
      ...(stoppedBy ? { stoppedBy } : {}),
    };
    // A turn that waited (`facts.queued`) may have been removed from the queue before it was chosen. The chat then never pointed
    // at its stream, and does not keep its answer.
    const settled = await chats.settle(userId, chatId, streamId, answer, facts.queued !== undefined);
    // The next stream enters the index before this one leaves it, so that recovery always finds one of the two.
    const next = settled?.next ?? null;
    if (next !== null) await store.index([{ streamId: next, inMs: BEGIN_GRACE_MS }]);
    // The text is stored twice: in the log and in the state copy.
    const streamBytes = logBytes + Buffer.byteLength(messageText(message)) + STREAM_OVERHEAD;
    await Promise.all([
      packing?.store.note([streamId], packing.afterMs),
      settled === null ? null : count({ ...settled, userId, chatId, streamId, chatBytes: settled.bytes, streamBytes }),
    ]);
    // The stream leaves the indexes last. If this process dies before that, recovery finds the stream in an index and settles it again.
    await store.unindex(streamId, askerIdOf(facts));
    // The next stream begins only now, when this one no longer counts among the person's running streams.
    if (next !== null) begin(next);
  }

  /** Counts the bytes of a stream and its chat. If the stream or the chat was deleted meanwhile, its bytes are released again. */
  async function count(stored: Stored & { streamId: string }): Promise<void> {
    if (quota === undefined) return;
    const { userId, chatId, streamId, address } = stored;
    const counted = quota.settled(stored);
    // On a single Redis, the two reads below run after the count. In a Cluster, the reads may go to other nodes and run first.
    if (!store.seesChats) await counted;
    const [, head, meta] = await Promise.all([counted, chats.head(userId, chatId), store.meta(streamId)]);
    if (head !== null && meta !== null) return;
    await quota.release({ userId, address, streamIds: [streamId], ...(head === null ? { chatId } : {}) });
  }

  return {
    settle,
    onChosen(listener) {
      begin = listener;
    },
    async settleOrDefer(streamId, settlement) {
      await settle(streamId, settlement).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : 'unknown';
        log.warn({ event: 'stream.unsettled', streamId, reason });
      });
    },
    async settleFromLog(streamId, meta) {
      if (isRunning(meta.status)) return;
      const log = await replayLog({ store, streamId, messageId: meta.messageId });
      if (log === null) {
        await chats.unpoint(meta.userId, meta.chatId, streamId);
        await store.unindex(streamId, askerIdOf(meta));
        return;
      }
      const { status: outcome, error, stoppedBy } = meta;
      await settle(streamId, {
        facts: meta,
        message: log.fold.message,
        outcome,
        error,
        logBytes: meta.length,
        stoppedBy,
      });
    },
  };
}
