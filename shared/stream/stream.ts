import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { incomingMessageSchema } from '../messages.ts';
import { authorSchema, chatRefSchema } from '../rooms.ts';
import { templateUseSchema } from '../templates/filling.ts';
import { streamErrorSchema } from './stream-errors.ts';

/** `queued` while it waits for its turn, `active` until the end is stored, then the outcome. */
export const streamStatusSchema = z.enum(['queued', 'active', 'completed', 'error', 'cancelled']);
export type StreamStatus = z.infer<typeof streamStatusSchema>;
export type StreamOutcome = Exclude<StreamStatus, 'queued' | 'active'>;

const MAX_MODEL_ID_CHARS = 256;

/** A start with its messages: what `POST /streams` asks for (PROTOCOL.md 5.2) once its template is filled. */
export const startRequestSchema = z.object({
  /** One's own chat, or `~<roomId>`. */
  chatId: chatRefSchema,
  /** The id of the assistant's message to be written. The same id again answers with the same stream. */
  messageId: idSchema,
  modelId: z.string().min(1).max(MAX_MODEL_ID_CHARS),
  /**
   * The conversation, ending with the question. If the chat exists, only the last message is taken. It is placed after
   * the message before it in this list if that one is known, otherwise after the newest message of the chat.
   */
  messages: z.array(incomingMessageSchema).min(1).max(10_000),
  /** The message after which the question is placed. Overrides the place by `messages`. `null`: it begins the chat. */
  parentId: idSchema.nullable().optional(),
  /** True if `parentId` must be the end of its branch. If a question follows it already, the answer is `stale_parent`. */
  atEnd: z.boolean().optional(),
  /** Instructions for this chat (a system prompt), stored with it. If left out, the stored instructions are used. */
  instructions: z.string().max(32_768).optional(),
  /**
   * An assistant's message that ended early and is to be continued. The new message begins with its parts. The last of
   * `messages` is then the question that both answer.
   */
  continueFrom: idSchema.optional(),
  /** A chat that begins with this request is in no list and no search, and is deleted a day later. */
  temporary: z.boolean().optional(),
  /**
   * What to do if an answer is being written in the chat (PROTOCOL.md 5.8). `reject`: 409 `stream_active`. `queue`: this turn
   * waits for it. `interrupt`: it is stopped, and this turn goes next. Without an answer being written, all three start.
   */
  whenBusy: z.enum(['reject', 'queue', 'interrupt']).optional(),
});
export type StartRequest = z.infer<typeof startRequestSchema> & {
  /** The body, if its template was filled to get the messages: a repetition is compared with it. */
  filledFrom?: StartBody;
};

/** The fields of {@link startBodySchema}, without its rule, so that they can be extended. */
export const startBodyFields = startRequestSchema.extend({
  messages: startRequestSchema.shape.messages.optional(),
  /** Left out: the template's model, or the default. */
  modelId: startRequestSchema.shape.modelId.optional(),
  template: templateUseSchema.optional(),
});
export type StartBody = z.infer<typeof startBodyFields>;

/** A start has `messages` and a model, or a template, which brings both. */
export function checkStartBody(
  { messages, modelId, template, continueFrom }: StartBody,
  context: z.RefinementCtx,
): void {
  const add = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (template === undefined) {
    if (messages === undefined) add('messages', 'is missing; send "messages" or "template"');
    if (modelId === undefined) add('modelId', 'is missing');
  } else {
    if (messages !== undefined) add('messages', 'cannot be sent together with "template"');
    if (continueFrom !== undefined) add('continueFrom', 'cannot be sent together with "template"');
  }
}

/** The body of `POST /api/stream/start` and `POST /streams` (PROTOCOL.md 5.2). */
export const startBodySchema = startBodyFields.superRefine(checkStartBody);

export const startAnswerSchema = z.object({
  streamId: z.string(),
  chatId: z.string(),
  messageId: z.string(),
  /** The model id of the request. */
  modelId: z.string(),
  /** The provider that answers: `google`, `openai-compatible`, `demo`, `synthetic`. */
  servedBy: z.string(),
  status: streamStatusSchema,
  /** Only of a queued turn: its place in the queue. 1 comes next; 0: its turn has come, and it is about to begin. */
  place: z.number().int().optional(),
  /** False without Redis: the answer is kept in memory and is lost when the sidecar exits. */
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
  /** Only of a queued turn: its place in the queue, as in the answer to its start. */
  place: z.number().int().optional(),
  /** ISO 8601. */
  startTime: z.string(),
  lastActivity: z.string(),
  /** The event id of the last stored frame; `null` only if the log was lost. */
  lastEventId: z.string().nullable(),
  /** Length of the log. */
  bytes: z.number().int(),
  /** SHA-256 of the whole log in hex; `null` until it has ended. */
  sha256: z.string().nullable(),
  error: streamErrorSchema.nullable(),
  resumable: z.boolean(),
  /** Who asked. Only in a chat with a room. */
  by: authorSchema.optional(),
  /** Whose stream it is. Only for administrators, who see everybody's. */
  userId: z.string().optional(),
  /** Only for administrators: the id of the process that writes it. */
  owner: z.string().optional(),
  /** Only for administrators: its readers. Numbers from other sidecars are some seconds old. */
  readers: z.number().int().optional(),
  /** Only for administrators: how many turns wait behind it in its chat, and since when the first of them does. */
  waiting: z.object({ turns: z.number().int(), since: z.string() }).optional(),
});
export type StreamState = z.infer<typeof streamStateSchema>;

/** The maximum length of an administrator's list of all active streams. */
export const MAX_ALL_ACTIVE = 1000;

export const activeAnswerSchema = z.object({ streams: z.array(streamStateSchema) });

/** The answer of `DELETE /api/stream/cancel/:streamId`: how the stream ended, and its last frame. */
export const cancelAnswerSchema = z.object({
  streamId: z.string(),
  status: streamStatusSchema,
  /** `null` if Redis is away: the model was stopped, and the end is stored as soon as Redis is back. */
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
  /** True: the time for one request was up. The same request again goes on from there. */
  more: z.literal(true).optional(),
});
export type CleanupAnswer = z.infer<typeof cleanupAnswerSchema>;

/** PROTOCOL.md 8.4: the data of the transient `data-end` chunk. A reader compares its own count and hash with it. */
export const endProofSchema = z.object({
  status: streamStatusSchema.exclude(['queued', 'active']),
  /** Length of the log before this frame. */
  bytes: z.number().int(),
  /** SHA-256, in hex, of the log before this frame. */
  sha256: z.string(),
  /** Why it ended, where `status` is `error`: a key of `STREAM_ERRORS`. */
  code: z.string().optional(),
});
export type EndProof = z.infer<typeof endProofSchema>;

/**
 * The data of a transient `data-queue` chunk: the place of a turn that waits, sent to its readers until it begins. It is not
 * part of the log and has no id.
 *
 *     {"type":"data-queue","transient":true,"data":{"place":2}}
 */
export interface QueuePlace {
  /** 1 comes next; 0: its turn has come, and it is about to begin. */
  place: number;
}

/**
 * The data of a transient `data-waiting` chunk: why the model is silent at the moment. It is written once, a few seconds
 * after the last word. The next word ends the wait. A page shows the reason and the seconds since `since`.
 *
 *     {"type":"data-waiting","transient":true,"data":{"reason":"first-word","since":"2026-03-02T17:05:00.000Z"}}
 */
export interface Waiting {
  /**
   * `first-word`: the provider reads the prompt or loads the model; `next-word`: it fell silent in the middle;
   * `rate-limited`, `overloaded`, `failed`: it refused for now and is asked again at `until`.
   */
  reason: 'first-word' | 'next-word' | 'rate-limited' | 'overloaded' | 'failed';
  /** ISO 8601. */
  since: string;
  /** ISO 8601: when the provider is asked again. */
  until?: string;
}
