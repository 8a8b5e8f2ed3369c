import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { idSchema } from '../ids.ts';
import { chatRefSchema } from './rooms.ts';
import { parseEventId } from '../stream/event-id.ts';
import { titleSchema } from './title.ts';

/** If a fork request has this value as `at`, the answer is copied up to the last frame that is stored when the request arrives. */
export const NOW = 'now';

/** The body of `POST /chats/:chatId/forks` (PROTOCOL.md 5.6). The pages call a fork a branch. */
export const forkRequestSchema = z.object({
  /** The id of the new chat. A repeated request with the same id and the same source returns the same chat. */
  forkId: idSchema,
  /** The last message of the new chat. */
  messageId: idSchema,
  /** How far an answer is copied: up to this event id, or up to `now`. `null`: the whole message. */
  at: z
    .string()
    .refine((at) => at === NOW || parseEventId(at) !== null, {
      message: 'must be an event id like 1k7f3-246, "now" or null',
      params: { code: 'invalid_event_id' satisfies ErrorCode },
    })
    .nullable()
    .default(null),
  /** Default: the title of the chat that is copied. */
  title: titleSchema.optional(),
  /** The chat that is copied. If this field is given, it must be the chat in the URL. */
  chatId: chatRefSchema.optional(),
});
export type ForkRequest = z.input<typeof forkRequestSchema>;
export type ParsedForkRequest = z.output<typeof forkRequestSchema>;

/** What a chat was forked from: another chat, or a public page. */
export const forkOriginSchema = z.object({
  /** The chat that was copied, as the caller names it. For a copy of a public page: its `shareId`. */
  chatId: chatRefSchema,
  messageId: idSchema,
  /** The event id up to which the message was copied; `null`: the whole message. */
  at: z.string().nullable(),
  /** The title of the chat or page that was copied. */
  title: z.string(),
});
export type ForkOrigin = z.infer<typeof forkOriginSchema>;

export const forkAnswerSchema = z.object({
  /** The new chat. */
  chatId: idSchema,
  /** The last message of the new chat. It has the same id as in the chat that was copied. */
  leafId: idSchema,
  from: forkOriginSchema,
});
export type ForkAnswer = z.infer<typeof forkAnswerSchema>;

/** What a chat was forked from, as a page shows it. */
export const shownOriginSchema = forkOriginSchema.extend({
  /** False if the caller cannot open the chat that was copied. Always false for a copy of a public page. */
  exists: z.boolean(),
});

/** A fork of a chat. `messageId`: the last message that was copied; `chatId` and `title`: those of the fork. */
export const shownForkSchema = z.object({ messageId: idSchema, chatId: idSchema, title: z.string() });
export type ShownFork = z.infer<typeof shownForkSchema>;
