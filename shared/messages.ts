import { z } from 'zod';
import { idSchema } from './ids.ts';

/**
 * A message as the AI SDK's `UIMessage`. Parts are kept loose on purpose: what we do not know is passed through.
 * `parentId` is the message before it; regenerating or editing makes a sibling, so older versions stay.
 */
export const partSchema = z.looseObject({ type: z.string().min(1).max(256) });
export type MessagePart = z.infer<typeof partSchema>;

export const messageSchema = z.looseObject({
  id: idSchema,
  role: z.enum(['user', 'assistant', 'system']),
  parts: z.array(partSchema),
  metadata: z.unknown().optional(),
});
export type Message = z.infer<typeof messageSchema>;

/** What a client may send: a UIMessage, or the plain `{role, content}` of older clients. Unknown fields are ignored. */
export const incomingMessageSchema = z
  .object({
    id: idSchema.optional(),
    role: z.enum(['user', 'assistant', 'system']),
    parts: z.array(partSchema).optional(),
    content: z.string().optional(),
    metadata: z.unknown().optional(),
  })
  .refine((message) => message.parts !== undefined || message.content !== undefined, {
    message: 'needs "parts" (an AI SDK UIMessage) or "content" (text)',
  });
export type IncomingMessage = z.infer<typeof incomingMessageSchema>;

export { messageText } from './message-text.ts';

/** A message as a conversation keeps it. */
export const storedMessageSchema = messageSchema.extend({
  /** The message before this one; `null` for the first. Siblings share it. */
  parentId: idSchema.nullable(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** How its stream ended, on messages of the assistant. */
  status: z.enum(['completed', 'error', 'cancelled']).optional(),
  /** A sentence for the person, where `status` is `error`. */
  errorText: z.string().optional(),
  /** The stable code of that error, a key of `STREAM_ERRORS`. Older messages have none. */
  errorCode: z.string().optional(),
  modelId: z.string().optional(),
});
export type StoredMessage = z.infer<typeof storedMessageSchema>;
