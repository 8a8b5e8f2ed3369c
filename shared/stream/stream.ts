import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { incomingMessageSchema } from '../chat/messages.ts';
import { authorSchema, chatRefSchema } from '../chat/rooms.ts';
import { templateUseSchema } from '../templates/filling.ts';
import { streamErrorSchema } from './stream-errors.ts';

/**
 * `queued`: the stream waits for earlier answers in its chat. `active`: the end of the stream is not stored yet. The other values are
 * outcomes.
 */
export const streamStatusSchema = z.enum(['queued', 'active', 'completed', 'error', 'cancelled']);
export type StreamStatus = z.infer<typeof streamStatusSchema>;
export type StreamOutcome = Exclude<StreamStatus, 'queued' | 'active'>;

const MAX_MODEL_ID_CHARS = 256;

/**
 * A start that names its messages and its model. In the body of `POST /streams` (PROTOCOL.md 5.2), a template may stand in for
 * `messages` and `modelId`: see {@link startBodySchema}. The sidecar first fills the template. From then on, the start has both
 * fields.
 */
export const startRequestSchema = z.object({
  /** The id of the caller's own chat, or `~<roomId>`. */
  chatId: chatRefSchema,
  /** The id of the assistant's message to be written. A repeated start with the same id returns the same stream. */
  messageId: idSchema,
  modelId: z.string().min(1).max(MAX_MODEL_ID_CHARS),
  /**
   * The conversation, ending with the question. If the chat exists already, only the question is added to the chat. The parent
   * of the question is the message before the question in this list, if the chat has that message. Otherwise the newest message
   * of the chat is the parent.
   */
  messages: z.array(incomingMessageSchema).min(1).max(10_000),
  /** The parent of the question. Overrides the one from `messages`. `null`: the question begins the chat. */
  parentId: idSchema.nullable().optional(),
  /** If true and another question already follows the same parent, the start fails with `stale_parent`. */
  atEnd: z.boolean().optional(),
  /** Instructions for this chat (a system prompt), stored with the chat. If left out, the stored instructions are used. */
  instructions: z.string().max(32_768).optional(),
  /**
   * The id of an assistant's message that ended early and is to be continued. The new message begins with the parts of that
   * message. The last of `messages` is then the question that the unfinished message answered.
   */
  continueFrom: idSchema.optional(),
  /** True: the chat that this request creates is in no list and no search, and is deleted after a day. Ignored if the chat exists. */
  temporary: z.boolean().optional(),
  /**
   * What to do if an answer is being written in the chat (PROTOCOL.md 5.8). `reject`: 409 `stream_active`. `queue`: this turn
   * waits until that answer has ended. `interrupt`: that answer is stopped, and this turn goes next. If no answer is being
   * written, the value does not matter.
   */
  whenBusy: z.enum(['reject', 'queue', 'interrupt']).optional(),
});
export type StartRequest = z.infer<typeof startRequestSchema> & {
  /** If a template supplied `messages`: the body that the client sent. A repeated start is compared with this body. */
  filledFrom?: StartBody;
};

/** The fields of {@link startBodySchema}, without {@link checkStartBody}, so that other schemas can extend them. */
export const startBodyFields = startRequestSchema.extend({
  messages: startRequestSchema.shape.messages.optional(),
  /** Left out: the template's model, or the default. */
  modelId: startRequestSchema.shape.modelId.optional(),
  template: templateUseSchema.optional(),
});
export type StartBody = z.infer<typeof startBodyFields>;

/** A start has either `messages` and `modelId`, or `template`, which supplies the question and may supply the model. */
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
  /** The model id of the request. If the request has none: the model id of the template, or the default. */
  modelId: z.string(),
  /** The provider that answers: `google`, `openai-compatible`, `demo`, `synthetic`. */
  servedBy: z.string(),
  status: streamStatusSchema,
  /** Only for a queued stream: its place in the queue. 1: it is next. 0: it has been chosen and is about to start. */
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
  /** Only for a queued stream: its place in the queue, as in `startAnswerSchema`. */
  place: z.number().int().optional(),
  /** ISO 8601. */
  startTime: z.string(),
  lastActivity: z.string(),
  /** The event id of the last stored frame; `null` if no frame is stored, for example while the stream is queued. */
  lastEventId: z.string().nullable(),
  /** Length of the log, in bytes. */
  bytes: z.number().int(),
  /** SHA-256 of the whole log in hex; `null` until the stream has ended. */
  sha256: z.string().nullable(),
  error: streamErrorSchema.nullable(),
  resumable: z.boolean(),
  /** Who asked. Only in a room (a chat with several people). */
  by: authorSchema.optional(),
  /** Only for administrators: the id of the user whose stream this is. */
  userId: z.string().optional(),
  /** Only for administrators: the id of the process that writes the stream. */
  owner: z.string().optional(),
  /** Only for administrators: the number of readers. Readers at other sidecars are counted some seconds late. */
  readers: z.number().int().optional(),
  /** Only for administrators: the number of turns that wait in the stream's chat. `since`: when the first of them began to wait. */
  waiting: z.object({ turns: z.number().int(), since: z.string() }).optional(),
});
export type StreamState = z.infer<typeof streamStateSchema>;

/** The maximum length of an administrator's list of all active streams. */
export const MAX_ALL_ACTIVE = 1000;

export const activeAnswerSchema = z.object({ streams: z.array(streamStateSchema) });

/** The response of `DELETE /api/stream/cancel/:streamId`: how the stream ended, and the event id of its last frame. */
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
  /** True if the time limit of one request was reached before everything was scanned. The next request scans the rest. */
  more: z.literal(true).optional(),
});
export type CleanupAnswer = z.infer<typeof cleanupAnswerSchema>;

/** PROTOCOL.md 8.4: the data of the transient `data-end` chunk. A reader compares this data with the bytes it received. */
export const endProofSchema = z.object({
  status: streamStatusSchema.exclude(['queued', 'active']),
  /** Length of the log before this frame. */
  bytes: z.number().int(),
  /** SHA-256, in hex, of the log before this frame. */
  sha256: z.string(),
  /** Why the stream failed, if `status` is `error`: a key of `STREAM_ERRORS` (stream-error-codes.ts). */
  code: z.string().optional(),
});
export type EndProof = z.infer<typeof endProofSchema>;

/**
 * The data of a transient `data-queue` chunk: the place of a waiting turn. Readers of a queued stream get such chunks until
 * the stream starts. The chunks are not part of the log and have no event id.
 *
 *     {"type":"data-queue","transient":true,"data":{"place":2}}
 */
export interface QueuePlace {
  /** 1: the turn is next. 0: it has been chosen and is about to start. */
  place: number;
}

/**
 * The data of a transient `data-waiting` chunk: why the model is silent at the moment. The chunk is written after some seconds
 * of silence or when the provider refuses the request, and again if the reason changes. Any chunk of another type ends the wait.
 *
 *     {"type":"data-waiting","transient":true,"data":{"reason":"first-word","since":"2026-03-02T17:05:00.000Z"}}
 */
export interface Waiting {
  /**
   * `first-word`: the provider reads the prompt or loads the model. `next-word`: the model fell silent in the middle of its
   * answer. `rate-limited`, `overloaded`, `failed`: the provider refused the request for now and is asked again at `until`.
   */
  reason: 'first-word' | 'next-word' | 'rate-limited' | 'overloaded' | 'failed';
  /** ISO 8601. */
  since: string;
  /** ISO 8601: when the provider is asked again. */
  until?: string;
}
