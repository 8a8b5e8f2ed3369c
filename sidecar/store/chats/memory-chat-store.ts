import { messageField, toChatRecord, type ChatFields, type ChatStore } from './chat-store.ts';

interface Kept {
  userId: string;
  chatId: string;
  fields: ChatFields;
  bytes: number;
  touchedAt: number;
}

/** Conversations in the memory of one process, where there is no Redis; beyond `maxBytes` the oldest of all go. */
export function createMemoryChatStore({ ttlMs, maxBytes }: { ttlMs: number; maxBytes: number }): ChatStore {
  /** In the order of their last change. */
  const chats = new Map<string, Kept>();
  let bytesKept = 0;

  const keyOf = (userId: string, chatId: string) => `${userId}\n${chatId}`;

  function find(userId: string, chatId: string): Kept | undefined {
    const key = keyOf(userId, chatId);
    const kept = chats.get(key);
    if (kept && kept.touchedAt + ttlMs < Date.now()) remove(key);
    return chats.get(key);
  }
  const fieldsOf = (userId: string, chatId: string) => find(userId, chatId)?.fields;

  function remove(key: string): boolean {
    bytesKept -= chats.get(key)?.bytes ?? 0;
    return chats.delete(key);
  }

  /** Puts it last, and makes room: one that is being answered stays. */
  function touch(userId: string, chatId: string, fields: ChatFields): void {
    const key = keyOf(userId, chatId);
    remove(key);
    const bytes = Object.values(fields).reduce((sum, value) => sum + 2 * value.length, 0);
    bytesKept += bytes;
    chats.set(key, { userId, chatId, fields, bytes, touchedAt: Date.now() });
    for (const [oldest, kept] of chats) {
      if (bytesKept <= maxBytes) return;
      if (kept.fields.stream === undefined && oldest !== key) remove(oldest);
    }
  }

  const record = (chatId: string, fields: ChatFields, withMessages: boolean) => {
    const chosen = withMessages
      ? fields
      : Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith('m:')));
    return toChatRecord(chatId, chosen);
  };

  return {
    async point({ userId, chatId, seen, streamId, title, instructions, messages }) {
      const now = new Date().toISOString();
      const fields = fieldsOf(userId, chatId) ?? { createdAt: now, title };
      const at = fields.stream ?? null;
      if (at !== seen && at !== streamId) return at ?? '';
      if (at !== streamId) {
        Object.assign(fields, { stream: streamId, streamAt: now, updatedAt: now });
        if (instructions !== undefined) fields.instructions = instructions;
        for (const message of messages) fields[messageField(message.id)] ??= JSON.stringify(message);
      }
      touch(userId, chatId, fields);
      return streamId;
    },

    async settle(userId, chatId, streamId, answer) {
      const fields = fieldsOf(userId, chatId);
      if (!fields) return false;
      const now = new Date().toISOString();
      fields[messageField(answer.id)] = JSON.stringify(answer);
      if (fields.stream === streamId) {
        delete fields.stream;
        delete fields.streamAt;
        Object.assign(fields, {
          updatedAt: now,
          lastStream: streamId,
          lastMessage: answer.id,
          lastStatus: answer.status,
          lastEndedAt: now,
        });
      }
      touch(userId, chatId, fields);
      return true;
    },

    async unpoint(userId, chatId, streamId) {
      const fields = fieldsOf(userId, chatId);
      if (fields?.stream !== streamId) return;
      delete fields.stream;
      delete fields.streamAt;
    },

    pointer: async (userId, chatId) => fieldsOf(userId, chatId)?.stream ?? null,

    async get(userId, chatId) {
      const fields = fieldsOf(userId, chatId);
      return fields ? record(chatId, fields, true) : null;
    },

    async list(userId) {
      return [...chats.values()]
        .filter((kept) => kept.userId === userId && find(userId, kept.chatId))
        .map(({ chatId, fields }) => record(chatId, fields, false))
        .filter((chat) => chat !== null)
        .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
    },

    async patch(userId, chatId, changes) {
      const fields = fieldsOf(userId, chatId);
      if (!fields) return false;
      for (const [name, value] of Object.entries(changes)) if (value !== undefined) fields[name] = value;
      return true;
    },

    delete: async (userId, chatId) => remove(keyOf(userId, chatId)),
  };
}
