import { z } from 'zod';
import { chatListQuerySchema } from './chat.ts';
import { idSchema } from '../ids.ts';

const MAX_SEARCH_CHARS = 200;
const MAX_HITS = 50;

/** The query of `GET /search`. */
export const searchQuerySchema = z.object({
  /**
   * Words, or parts of words. A chat is found if its title or one of its messages contains all of them. Accents, and upper or lower
   * case, make no difference.
   */
  q: z.string().trim().max(MAX_SEARCH_CHARS),
  /** The `next` of the previous page. */
  before: chatListQuerySchema.shape.before,
  limit: z.coerce.number().int().min(1).max(MAX_HITS).default(20),
});
export type SearchQuery = z.infer<typeof searchQuerySchema>;

/** A text, and the places in it that match the search. `from`: the first character; `to`: the one after the last. */
export const markedSchema = z.object({
  text: z.string(),
  marks: z.array(z.object({ from: z.number().int(), to: z.number().int() })),
});
export type Marked = z.infer<typeof markedSchema>;

export const hitSchema = z.object({
  chatId: idSchema,
  title: markedSchema,
  updatedAt: z.string(),
  archived: z.boolean(),
  /**
   * The newest message that contains all the words. `line`: the line of this message that contains the most of these words.
   * `null`: only the title contains the words.
   */
  message: z
    .object({ messageId: idSchema, role: z.enum(['user', 'assistant', 'system']), line: markedSchema })
    .nullable(),
});
export type Hit = z.infer<typeof hitSchema>;

/** `GET /search`: a page of chats, the most recently changed first. */
export const searchAnswerSchema = z.object({
  hits: z.array(hitSchema),
  /** To get the next page, send this value as `before`. `null` on the last page. */
  next: z.string().nullable(),
});
export type SearchAnswer = z.infer<typeof searchAnswerSchema>;
