import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { idSchema } from '../ids.ts';
import { authorSchema } from './rooms.ts';

/** A part of an AI SDK `UIMessage`. Unknown types and fields are passed through. */
export const partSchema = z.looseObject({ type: z.string().min(1).max(256) });
export type MessagePart = z.infer<typeof partSchema>;

export const messageSchema = z.looseObject({
  id: idSchema,
  role: z.enum(['user', 'assistant', 'system']),
  parts: z.array(partSchema),
  metadata: z.unknown().optional(),
});
export type Message = z.infer<typeof messageSchema>;

const MAX_METADATA_BYTES = 16 * 1024;

const isSmallEnough = (metadata: unknown): boolean =>
  metadata === undefined || new TextEncoder().encode(JSON.stringify(metadata)).length <= MAX_METADATA_BYTES;

/** A message from a client: a UIMessage, or the plain `{role, content}` of older clients. Unknown fields are ignored. */
export const incomingMessageSchema = z
  .object({
    id: idSchema.optional(),
    role: z.enum(['user', 'assistant', 'system']),
    parts: z.array(partSchema).optional(),
    content: z.string().optional(),
    metadata: z
      .unknown()
      .refine(isSmallEnough, {
        message: `may have at most ${MAX_METADATA_BYTES / 1024} KiB as JSON`,
        params: { code: 'metadata_too_large' satisfies ErrorCode },
      })
      .optional(),
  })
  .refine((message) => message.parts !== undefined || message.content !== undefined, {
    message: 'needs "parts" (an AI SDK UIMessage) or "content" (text)',
  });
export type IncomingMessage = z.infer<typeof incomingMessageSchema>;

export { messageText } from './message-text.ts';

/** A message as it is stored in a conversation. Regenerating or editing adds a sibling, so older versions stay. */
export const storedMessageSchema = messageSchema.extend({
  /** The message before this one; `null` for the first. Versions of one message have the same parent. */
  parentId: idSchema.nullable(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** How the stream of this answer ended. `partial`: a fork copied only the beginning of the answer. Only answers have a status. */
  status: z.enum(['completed', 'error', 'cancelled', 'partial']).optional(),
  /** If `status` is `error`: a sentence for the person. */
  errorText: z.string().optional(),
  /** If `status` is `error`: a key of `STREAM_ERRORS` (stream-error-codes.ts). Messages of older releases have no code. */
  errorCode: z.string().optional(),
  modelId: z.string().optional(),
  /** The person who wrote the message, with the name that they had then. Only in a room, and not on answers. */
  by: authorSchema.optional(),
  /** If `status` is `cancelled`: who stopped the answer, with the name that they had then. Only in a room. */
  stoppedBy: authorSchema.optional(),
});
export type StoredMessage = z.infer<typeof storedMessageSchema>;

/** True for an answer that a client sent along with a request. No model of this app wrote such an answer. */
export const isSentByClient = ({ metadata }: Pick<Message, 'metadata'>): boolean =>
  (Object(metadata) as { sentByClient?: unknown }).sentByClient === true;
