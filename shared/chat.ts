import { z } from 'zod';
import { idSchema } from './ids.ts';
import { messageSchema, storedMessageSchema } from './messages.ts';
import { streamStateSchema, streamStatusSchema } from './stream.ts';

/** A conversation in a person's list. */
export const chatSummarySchema = z.object({
  chatId: idSchema,
  title: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** Its latest stream, as long as Redis keeps it. The status tells running, finished and failed apart. */
  stream: z.object({ streamId: z.string(), messageId: z.string(), status: streamStatusSchema }).nullable(),
  /** True if the latest answer ended after the person last looked at the chat. */
  unread: z.boolean(),
});
export type ChatSummary = z.infer<typeof chatSummarySchema>;

/** `GET /chats` of the sidecar, newest first. */
export const chatListSchema = z.object({ chats: z.array(chatSummarySchema) });

/** `GET /chats/:chatId` of the sidecar: what a page needs to show a conversation and to follow its stream. */
export const chatSchema = z.object({
  chatId: idSchema,
  title: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  instructions: z.string(),
  /** All versions, oldest first; `parentId` forms the tree. The message that is being written is not included. */
  messages: z.array(storedMessageSchema),
  /** The chat's active stream: its state, and the message so far, folded up to exactly `lastEventId`. */
  stream: streamStateSchema.extend({ message: messageSchema, parentId: idSchema.nullable() }).nullable(),
});
export type Chat = z.infer<typeof chatSchema>;

/** `PATCH /chats/:chatId`. */
export const chatPatchSchema = z.object({
  title: z.string().trim().min(1).max(200).optional(),
  instructions: z.string().max(32_768).optional(),
  /** Marks the chat as read. */
  read: z.literal(true).optional(),
});
export type ChatPatch = z.infer<typeof chatPatchSchema>;

/** `GET /chats/:chatId/stream`: the stream for a stock `useChat` to follow; 204 if there is none. */
export const latestStreamSchema = z.object({ streamId: z.string(), status: streamStatusSchema });

/** `GET /models` of the sidecar. */
export const modelInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  servedBy: z.string(),
  available: z.boolean(),
  /** If it is not available: why, and what to do about it. */
  reason: z.string().optional(),
});
export type ModelInfo = z.infer<typeof modelInfoSchema>;
export const modelListSchema = z.object({
  models: z.array(modelInfoSchema),
  defaultModelId: z.string(),
  /** False without Redis: answers are kept in memory and are lost when the sidecar exits. */
  resumable: z.boolean(),
});
export type ModelList = z.infer<typeof modelListSchema>;
