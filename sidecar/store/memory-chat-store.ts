import { messageField, toChatRecord, type ChatFields, type ChatStore } from './chat-store.ts';

/** Conversations in the memory of one process, where there is no Redis. */
export function createMemoryChatStore({ ttlMs }: { ttlMs: number }): ChatStore {
  const people = new Map<string, Map<string, { fields: ChatFields; touchedAt: number }>>();

  const chatsOf = (userId: string) => {
    const chats = people.get(userId) ?? new Map<string, { fields: ChatFields; touchedAt: number }>();
    people.set(userId, chats);
    for (const [chatId, { touchedAt }] of chats) if (touchedAt + ttlMs < Date.now()) chats.delete(chatId);
    return chats;
  };
  const fieldsOf = (userId: string, chatId: string) => chatsOf(userId).get(chatId)?.fields;
  const record = (chatId: string, fields: ChatFields, withMessages: boolean) => {
    const chosen = withMessages
      ? fields
      : Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith('m:')));
    return toChatRecord(chatId, chosen);
  };

  return {
    async point({ userId, chatId, seen, streamId, title, instructions, messages }) {
      const chats = chatsOf(userId);
      const now = new Date().toISOString();
      const fields = chats.get(chatId)?.fields ?? { createdAt: now, title };
      const at = fields.stream ?? null;
      if (at !== seen && at !== streamId) return at ?? '';
      if (at !== streamId) {
        Object.assign(fields, { stream: streamId, streamAt: now, updatedAt: now });
        if (instructions !== undefined) fields.instructions = instructions;
        for (const message of messages) fields[messageField(message.id)] ??= JSON.stringify(message);
      }
      chats.set(chatId, { fields, touchedAt: Date.now() });
      return streamId;
    },

    async settle(userId, chatId, streamId, answer) {
      const chat = chatsOf(userId).get(chatId);
      if (!chat) return false;
      const now = new Date().toISOString();
      chat.fields[messageField(answer.id)] = JSON.stringify(answer);
      chat.touchedAt = Date.now();
      if (chat.fields.stream !== streamId) return true;
      delete chat.fields.stream;
      delete chat.fields.streamAt;
      Object.assign(chat.fields, {
        updatedAt: now,
        lastStream: streamId,
        lastMessage: answer.id,
        lastStatus: answer.status,
        lastEndedAt: now,
      });
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
      return [...chatsOf(userId)]
        .map(([chatId, { fields }]) => record(chatId, fields, false))
        .filter((chat) => chat !== null)
        .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
    },

    async patch(userId, chatId, changes) {
      const fields = fieldsOf(userId, chatId);
      if (!fields) return false;
      for (const [name, value] of Object.entries(changes)) if (value !== undefined) fields[name] = value;
      return true;
    },

    delete: async (userId, chatId) => chatsOf(userId).delete(chatId),
  };
}
