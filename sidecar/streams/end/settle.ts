import type { Message } from '../../../shared/messages.ts';
import type { StreamError, StreamOutcome } from '../../../shared/stream.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import type { StreamFacts, StreamMeta, StreamStore } from '../../store/streams/stream-store.ts';
import { replayLog } from '../log/replay-log.ts';

export interface Settlement {
  facts: StreamFacts;
  message: Message;
  outcome: StreamOutcome;
  error: StreamError | null;
}

/**
 * What is left to do once a stream is closed: its message into the conversation, the pointer there cleared, the stream
 * out of the indexes. Can be said any number of times, by anybody; a process that dies in the middle is made up for by
 * whoever next looks at the stream (recovery, a start in that chat, a reader of the chat).
 */
export interface Settler {
  settle(streamId: string, settlement: Settlement): Promise<void>;
  /** The same from the log alone. */
  settleFromLog(streamId: string, meta: StreamMeta): Promise<void>;
}

export function createSettler({ store, chats }: { store: StreamStore; chats: ChatStore }): Settler {
  async function settle(streamId: string, { facts, message, outcome, error }: Settlement): Promise<void> {
    const { userId, chatId, parentId, startTime, modelId } = facts;
    await chats.settle(userId, chatId, streamId, {
      ...message,
      parentId: parentId === '' ? null : parentId,
      createdAt: startTime,
      modelId,
      status: outcome,
      ...(error ? { errorText: error.text } : {}),
    });
    await store.unindex(streamId, userId);
  }

  return {
    settle,
    async settleFromLog(streamId, meta) {
      if (meta.status === 'active' || meta.status === 'sealed') return;
      const log = await replayLog({ store, streamId, messageId: meta.messageId });
      if (log === null) {
        await chats.unpoint(meta.userId, meta.chatId, streamId);
        await store.unindex(streamId, meta.userId);
        return;
      }
      await settle(streamId, { facts: meta, message: log.fold.message, outcome: meta.status, error: meta.error });
    },
  };
}
