import type { Chat, ChatPatch, ChatSummary } from '../../shared/chat.ts';
import { formatEventId } from '../../shared/event-id.ts';
import { RejoinError } from '../../shared/errors.ts';
import type { StreamStatus } from '../../shared/stream.ts';
import type { ChatRecord, ChatStore } from '../store/chats/chat-store.ts';
import { isRunning, type StreamMeta, type StreamStore } from '../store/streams/stream-store.ts';
import type { Settler } from '../streams/end/settle.ts';
import { replayLog } from '../streams/log/replay-log.ts';
import type { StreamManager } from '../streams/stream-manager.ts';

/** For so long after its end a stock client that comes back is still given the stream. */
const LATEST_MS = 60_000;

/** A person's conversations, with what is being written in them. */
export interface Chats {
  list(userId: string): Promise<ChatSummary[]>;
  /** Throws `not_found`. */
  get(userId: string, chatId: string): Promise<Chat>;
  patch(userId: string, chatId: string, patch: ChatPatch): Promise<ChatSummary>;
  /** Its streams go with it. Nothing where there is none. */
  delete(userId: string, chatId: string): Promise<void>;
  deleteAll(userId: string): Promise<void>;
  /** The stream to follow in it: the active one, or one that ended just now. */
  latestStream(userId: string, chatId: string): Promise<{ streamId: string; status: StreamStatus } | null>;
}

export function createChats({
  chats,
  store,
  settler,
  manager,
}: {
  chats: ChatStore;
  store: StreamStore;
  settler: Pick<Settler, 'settleFromLog'>;
  manager: Pick<StreamManager, 'state' | 'remove' | 'streamIdOf'>;
}): Chats {
  /** The record with its pointer true: a stream that ended is settled first, so its message is never in neither place. */
  async function current(userId: string, chatId: string): Promise<{ record: ChatRecord; active: StreamMeta | null }> {
    for (let tries = 0; ; tries++) {
      const record = await chats.get(userId, chatId);
      if (record === null) throw new RejoinError('not_found');
      if (record.stream === null) return { record, active: null };
      const meta = await store.meta(record.stream);
      if (meta && isRunning(meta.status)) return { record, active: meta };
      if (meta === null || tries > 2) return { record: { ...record, stream: null }, active: null };
      await settler.settleFromLog(record.stream, meta);
    }
  }

  async function summary(record: ChatRecord): Promise<ChatSummary> {
    const { chatId, title, createdAt, updatedAt, last, readAt } = record;
    const meta = record.stream === null ? null : await store.meta(record.stream);
    const stream =
      meta && isRunning(meta.status)
        ? { streamId: record.stream!, messageId: meta.messageId, status: 'active' as const }
        : last && { streamId: last.streamId, messageId: last.messageId, status: last.status };
    if (meta && !isRunning(meta.status)) await settler.settleFromLog(record.stream!, meta);
    return {
      chatId,
      title,
      createdAt,
      updatedAt,
      stream,
      unread: stream?.status !== 'active' && last !== null && (readAt === null || readAt < last.endedAt),
    };
  }

  async function deleteOne(userId: string, chatId: string): Promise<void> {
    const record = await chats.get(userId, chatId);
    if (record === null) return;
    await chats.delete(userId, chatId);
    const answers = record.messages
      .filter(({ role }) => role === 'assistant')
      .map(({ id }) => manager.streamIdOf(userId, chatId, id));
    for (const streamId of new Set([...answers, record.stream]))
      if (streamId !== null) await manager.remove(userId, streamId);
  }

  return {
    async list(userId) {
      return Promise.all((await chats.list(userId)).map(summary));
    },

    async get(userId, chatId) {
      const { record, active } = await current(userId, chatId);
      const { title, createdAt, updatedAt, instructions, messages } = record;
      const chat: Chat = { chatId, title, createdAt, updatedAt, instructions, messages, stream: null };
      if (active === null) return chat;
      const streamId = record.stream!;
      const [state, log] = await Promise.all([
        manager.state(userId, streamId),
        replayLog({ store, streamId, messageId: active.messageId }),
      ]);
      if (log === null) return chat;
      return {
        ...chat,
        stream: {
          ...state,
          bytes: log.position,
          lastEventId: log.lastEventId && formatEventId(log.lastEventId),
          message: log.fold.message,
          parentId: active.parentId || null,
        },
      };
    },

    async patch(userId, chatId, { title, instructions, read }) {
      const readAt = read ? new Date().toISOString() : undefined;
      const isKnown = await chats.patch(userId, chatId, { title, instructions, readAt });
      const record = isKnown ? await chats.get(userId, chatId) : null;
      if (record === null) throw new RejoinError('not_found');
      return summary(record);
    },

    delete: deleteOne,

    async deleteAll(userId) {
      for (const streamId of await store.userStreams(userId)) await manager.remove(userId, streamId);
      for (const { chatId } of await chats.list(userId)) await deleteOne(userId, chatId);
    },

    async latestStream(userId, chatId) {
      const { record, active } = await current(userId, chatId);
      if (active) return { streamId: record.stream!, status: 'active' };
      const { last } = record;
      if (!last || Date.now() - Date.parse(last.endedAt) > LATEST_MS) return null;
      return (await store.meta(last.streamId)) ? { streamId: last.streamId, status: last.status } : null;
    },
  };
}
