import type { StoredMessage } from '../../../shared/messages.ts';
import type { StreamOutcome } from '../../../shared/stream.ts';

/** A conversation as it is kept. Times are ISO 8601. */
export interface ChatRecord {
  chatId: string;
  title: string;
  createdAt: string;
  updatedAt: string;
  instructions: string;
  /** The stream that is being written in it, or was until it is settled; and since when. */
  stream: string | null;
  streamAt: string | null;
  /** How the latest stream ended. */
  last: { streamId: string; messageId: string; status: StreamOutcome; endedAt: string } | null;
  readAt: string | null;
  /** Oldest first, a parent before its children. Empty where only the head of the record was asked for. */
  messages: StoredMessage[];
}

export interface Pointing {
  userId: string;
  chatId: string;
  /** The stream that the caller last saw there. */
  seen: string | null;
  streamId: string;
  /** What a new conversation is called. */
  title: string;
  /** `undefined` leaves those it has. */
  instructions: string | undefined;
  /** The person's messages, kept in the same step. */
  messages: readonly StoredMessage[];
}

/** The conversations of each person, `ttlMs` after their last change gone. */
export interface ChatStore {
  /** Points the chat at a stream if it still points as the caller saw it; answers where it points then. */
  point(pointing: Pointing): Promise<string>;
  /** Keeps an answer that ended and clears the pointer, at once. False where the chat was deleted. */
  settle(
    userId: string,
    chatId: string,
    streamId: string,
    answer: StoredMessage & { status: StreamOutcome },
  ): Promise<boolean>;
  /** Clears the pointer to a stream that left nothing. */
  unpoint(userId: string, chatId: string, streamId: string): Promise<void>;
  pointer(userId: string, chatId: string): Promise<string | null>;
  get(userId: string, chatId: string): Promise<ChatRecord | null>;
  /** Newest first, without messages. */
  list(userId: string): Promise<ChatRecord[]>;
  /** False where there is no such chat. */
  patch(
    userId: string,
    chatId: string,
    fields: { title?: string; instructions?: string; readAt?: string },
  ): Promise<boolean>;
  delete(userId: string, chatId: string): Promise<boolean>;
}

/** The fields of a chat as Redis keeps them, and as both stores read them. */
export type ChatFields = Record<string, string>;

export const messageField = (messageId: string): string => `m:${messageId}`;

export function toChatRecord(chatId: string, fields: ChatFields): ChatRecord | null {
  if (!fields.createdAt) return null;
  return {
    chatId,
    title: fields.title ?? '',
    createdAt: fields.createdAt,
    updatedAt: fields.updatedAt ?? fields.createdAt,
    instructions: fields.instructions ?? '',
    stream: fields.stream ?? null,
    streamAt: fields.streamAt ?? null,
    last: fields.lastStream
      ? {
          streamId: fields.lastStream,
          messageId: fields.lastMessage!,
          status: fields.lastStatus as StreamOutcome,
          endedAt: fields.lastEndedAt!,
        }
      : null,
    readAt: fields.readAt ?? null,
    messages: inOrder(
      Object.entries(fields)
        .filter(([name]) => name.startsWith('m:'))
        .map(([, json]) => JSON.parse(json) as StoredMessage),
    ),
  };
}

/** By time, and a parent before its children: clocks differ, and what came in one request carries one time. */
function inOrder(messages: StoredMessage[]): StoredMessage[] {
  const ids = new Set(messages.map(({ id }) => id));
  const children = Map.groupBy(messages, ({ parentId }) => (parentId !== null && ids.has(parentId) ? parentId : null));
  const placed: { message: StoredMessage; at: string; depth: number }[] = [];
  let level = (children.get(null) ?? []).map((message) => ({ message, at: message.createdAt, depth: 0 }));
  while (level.length > 0) {
    placed.push(...level);
    level = level.flatMap(({ message, at, depth }) =>
      (children.get(message.id) ?? []).map((child) => ({
        message: child,
        at: child.createdAt > at ? child.createdAt : at,
        depth: depth + 1,
      })),
    );
  }
  return placed.sort((a, b) => a.at.localeCompare(b.at) || a.depth - b.depth).map(({ message }) => message);
}
