import { z } from 'zod';
import { idSchema } from './ids.ts';
import { incomingMessageSchema } from './messages.ts';
import { streamErrorSchema } from './stream-errors.ts';

/** `active` until the end is stored, then how it ended. */
export const streamStatusSchema = z.enum(['active', 'completed', 'error', 'cancelled']);
export type StreamStatus = z.infer<typeof streamStatusSchema>;
export type StreamOutcome = Exclude<StreamStatus, 'active'>;

export const MAX_MODEL_ID_CHARS = 256;

/** `POST /api/stream/start`, `POST /streams`. */
export const startRequestSchema = z.object({
  chatId: idSchema,
  /** The id of the assistant's message to be written. The same one again answers with the same stream. */
  messageId: idSchema,
  modelId: z.string().min(1).max(MAX_MODEL_ID_CHARS),
  /**
   * The conversation, ending with what is to be answered. For a chat that is known here only the last message is
   * taken, and put after the one before it in this list if that is known, else after the newest.
   */
  messages: z.array(incomingMessageSchema).min(1).max(10_000),
  /** After which message the last of `messages` comes, where that is not as above; `null`: it begins the chat anew. */
  parentId: idSchema.nullable().optional(),
  /** Instructions for this chat (a system prompt), kept with it. Left out: those it has. */
  instructions: z.string().max(32_768).optional(),
  /**
   * The assistant's message, ended early, that the new one goes on from: it begins with the parts of that one. The
   * last of `messages` is then the question that it answers.
   */
  continueFrom: idSchema.optional(),
});
export type StartRequest = z.infer<typeof startRequestSchema>;

export const startAnswerSchema = z.object({
  streamId: z.string(),
  chatId: z.string(),
  messageId: z.string(),
  /** The id that was asked for. */
  modelId: z.string(),
  /** The provider that answers: `google`, `openai-compatible`, `demo`, `synthetic`. */
  servedBy: z.string(),
  status: streamStatusSchema,
  /** False without Redis: the answer lives in the memory of one process. */
  resumable: z.boolean(),
});
export type StartAnswer = z.infer<typeof startAnswerSchema>;

/** `GET /api/stream/status/:streamId`; also the items of `GET /api/stream/active`. */
export const streamStateSchema = z.object({
  streamId: z.string(),
  chatId: z.string(),
  messageId: z.string(),
  modelId: z.string(),
  status: streamStatusSchema,
  /** ISO 8601. */
  startTime: z.string(),
  lastActivity: z.string(),
  /** The last frame that is stored; `null` only where the log was lost. */
  lastEventId: z.string().nullable(),
  /** The length of the log. */
  bytes: z.number().int(),
  /** SHA-256 of the whole log, in hex, once it has ended. */
  sha256: z.string().nullable(),
  error: streamErrorSchema.nullable(),
  resumable: z.boolean(),
  /** Whose it is: said to administrators, who may see everybody's. */
  userId: z.string().optional(),
  /** Likewise: the process that writes it, as Redis names it; and how many read it, some seconds ago at other sidecars. */
  owner: z.string().optional(),
  readers: z.number().int().optional(),
});
export type StreamState = z.infer<typeof streamStateSchema>;

/** An administrator's list of everybody's active streams has no more than this many. */
export const MAX_ALL_ACTIVE = 1000;

export const activeAnswerSchema = z.object({ streams: z.array(streamStateSchema) });

/** `DELETE /api/stream/cancel/:streamId`: how it ended, and the last frame there will ever be. */
export const cancelAnswerSchema = z.object({
  streamId: z.string(),
  status: streamStatusSchema,
  /** `null` when Redis is away: the model was stopped, the end is stored as soon as Redis is back. */
  lastEventId: z.string().nullable(),
});
export type CancelAnswer = z.infer<typeof cancelAnswerSchema>;

/** `POST /api/stream/cleanup`. */
export const cleanupRequestSchema = z.object({ action: z.enum(['expired', 'force']).default('expired') });
export const cleanupAnswerSchema = z.object({
  action: z.enum(['expired', 'force']),
  scanned: z.number().int(),
  removed: z.number().int(),
  mended: z.number().int(),
  recovered: z.number().int(),
});
export type CleanupAnswer = z.infer<typeof cleanupAnswerSchema>;

/** The stored-and-forwarded copy of a stream at `stream:<id>`, as `redis-cli get` shows it. */
export const streamCopySchema = z.object({
  chatId: z.string(),
  messageId: z.string(),
  userId: z.string(),
  modelId: z.string(),
  messages: z.array(z.unknown()),
  accumulatedContent: z.string(),
  status: streamStatusSchema,
  startTime: z.string(),
  lastActivity: z.string(),
  position: z.number().int(),
  epoch: z.string(),
});

/** The transient `data-end` chunk before `finish`: what a reader checks its own count and hash against. */
export const endProofSchema = z.object({
  status: streamStatusSchema.exclude(['active']),
  /** The length of the log before this frame. */
  bytes: z.number().int(),
  /** SHA-256, in hex, of the log before this frame. */
  sha256: z.string(),
  /** Why it ended, where `status` is `error`: a key of `STREAM_ERRORS`. */
  code: z.string().optional(),
});
export type EndProof = z.infer<typeof endProofSchema>;

/**
 * The data of a transient `data-waiting` chunk: no word comes for the moment, and why. It is written once when a wait
 * begins, a few seconds after the last word; the next word ends it. A page shows it with the seconds since `since`.
 *
 *     {"type":"data-waiting","transient":true,"data":{"reason":"first-word","since":"2026-03-02T17:05:00.000Z"}}
 */
export const waitingSchema = z.object({
  /**
   * `first-word`: the provider reads the prompt or loads the model; `next-word`: it fell silent in the middle;
   * `rate-limited`, `overloaded`, `failed`: it refused for now and is asked again at `until`.
   */
  reason: z.enum(['first-word', 'next-word', 'rate-limited', 'overloaded', 'failed']),
  /** ISO 8601. */
  since: z.string(),
  /** ISO 8601: when the provider is asked again. */
  until: z.string().optional(),
});
export type Waiting = z.infer<typeof waitingSchema>;
