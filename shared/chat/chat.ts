import { z } from 'zod';
import { shownForkSchema, shownOriginSchema } from './forks.ts';
import { idSchema } from '../ids.ts';
import { messageSchema, storedMessageSchema } from './messages.ts';
import { authorSchema, chatRefSchema, roomSchema } from './rooms.ts';
import { streamStateSchema, streamStatusSchema } from '../stream/stream.ts';
import { titleSchema } from './title.ts';

/** A conversation in a person's list. */
export const chatSummarySchema = z.object({
  chatId: chatRefSchema,
  title: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** The latest stream of the chat, even if Redis does not keep that stream any more; `null` if the chat never had a stream. */
  stream: z.object({ streamId: z.string(), messageId: z.string(), status: streamStatusSchema }).nullable(),
  /** True if the latest answer ended after the person last looked at the chat. */
  unread: z.boolean(),
  pinned: z.boolean().default(false),
  archived: z.boolean().default(false),
  forked: z.boolean().default(false),
  /** How many people have a role in the chat, including the owner. */
  people: z.number().int().default(1),
});
export type ChatSummary = z.infer<typeof chatSummarySchema>;

/** The default and the maximum of `limit`, the number of entries on a page. */
export const PAGE_ENTRIES = 50;
export const MAX_PAGE_ENTRIES = 200;
/** A page of messages has at most about this many bytes, so that the cost of opening a chat does not grow with the chat. */
export const MAX_PAGE_BYTES = 256 * 1024;

const limitSchema = z.coerce.number().int().min(1).max(MAX_PAGE_ENTRIES).default(PAGE_ENTRIES);

/** Where a page of chats begins: `<time of last change>.<chat id>` of the last chat on the previous page. */
const CHAT_CURSOR = /^\d{1,15}\.[A-Za-z0-9_-]{1,128}$/;

/** The query of `GET /chats`. */
export const chatListQuerySchema = z.object({
  /** The `next` of the previous page. */
  before: z.string().regex(CHAT_CURSOR, 'must be the "next" of an earlier response').optional(),
  limit: limitSchema,
  /** Only chats whose title contains this text. Case and accents do not count. */
  q: z.string().trim().max(200).optional(),
  /** `archived`: the archived chats instead of the others. */
  list: z.enum(['recent', 'archived']).optional(),
});
export type ChatListQuery = z.infer<typeof chatListQuerySchema>;

/** `GET /chats` of the sidecar: one page, the most recently changed first. */
export const chatListSchema = z.object({
  chats: z.array(chatSummarySchema),
  /**
   * The pinned chats, the most recently pinned first. Only on the first page of the `recent` list without `q`, otherwise empty.
   * The pages of `chats` contain them too.
   */
  pinned: z.array(chatSummarySchema).default([]),
  /** To get the next page, send this value as `before`. `null` on the last page. */
  next: z.string().nullable(),
});
export type ChatList = z.infer<typeof chatListSchema>;

/**
 * The query of `GET /chats/:chatId`. The messages of a chat form a tree, because a message can have several versions. The response
 * shows one path through this tree.
 */
export const chatQuerySchema = z.object({
  /** Shows the path through this message, down to its newest descendant. Default: the path to the newest message. */
  leaf: idSchema.optional(),
  /** Shows the path that ends with this message, even if other messages follow it. */
  at: idSchema.optional(),
  /** Shows the messages above this message on its path. To get the next older page, send the `before` of the last response. */
  before: idSchema.optional(),
  limit: limitSchema,
  /** The page has only as many messages as fit into this many bytes, but at least one. */
  maxBytes: z.coerce.number().int().min(1).max(MAX_PAGE_BYTES).default(MAX_PAGE_BYTES),
});
export type ChatQuery = z.infer<typeof chatQuerySchema>;

/** The query of `DELETE /chats/:chatId`. */
export const chatDeletionQuerySchema = z.object({
  /**
   * If the newest question in the chat is not older than this many ms, the chat is kept and the error is `stale_parent`. A page that
   * offers an undo sends the request only some seconds after the click, and by then somebody may have gone on with the chat in
   * another tab.
   */
  unlessAskedWithinMs: z.coerce.number().int().min(0).max(3_600_000).optional(),
});
export type ChatDeletionQuery = z.infer<typeof chatDeletionQuerySchema>;

/** A message on a path through a chat. `versions`: the ids of all its versions, oldest first; left out if there is only one. */
export const branchMessageSchema = storedMessageSchema.extend({ versions: z.array(idSchema).optional() });
export type BranchMessage = z.infer<typeof branchMessageSchema>;

/** The stream that is being written in a chat: its state, and the part of its message that the log has up to `lastEventId`. */
export const currentStreamSchema = streamStateSchema.extend({ message: messageSchema, parentId: idSchema.nullable() });

/** A list of waiting turns shows at most this many characters of each question. */
export const MAX_SHOWN_CHARS = 4000;

/** A turn is a question and its answer. A queued turn waits until the answers before it in the same chat are complete. */
export const queuedTurnSchema = z.object({
  /** The id of the answer that this turn will produce. Requests name the turn by this id. */
  messageId: idSchema,
  streamId: z.string(),
  modelId: z.string(),
  /** The place in the queue. The turn at place 1 comes next. */
  place: z.number().int(),
  createdAt: z.string(),
  /** The question to be added. `null` if the turn only writes another answer to a question that is already in the chat. */
  question: messageSchema.nullable(),
  /** True if `question` is only the beginning of a long text. `GET /chats/:chatId/queue/:messageId` returns all of it. */
  cut: z.boolean().default(false),
  /**
   * The id of a message in the branch to which the question will be added. The message may be an answer that is not in the chat yet.
   * `null`: the question will go after the newest message, or to the beginning of the chat.
   */
  under: z.string().nullable().default(null),
  /** True if another version of the message `under` takes its place when the version is added. */
  followsVersions: z.boolean().default(false),
  /** Who asked. Only in a chat with a room. */
  by: authorSchema.optional(),
});
export type QueuedTurn = z.infer<typeof queuedTurnSchema>;

/** `GET /chats/:chatId/queue`. */
export const queueSchema = z.object({
  /** In the order of the queue: the first turn comes next. */
  turns: z.array(queuedTurnSchema),
  /**
   * True if the answer before the first turn failed, was stopped or was lost. While the queue is paused, no waiting turn begins
   * by itself: a person has to resume the queue or send a turn ({@link queueActionSchema}).
   */
  paused: z.boolean(),
});
export type Queue = z.infer<typeof queueSchema>;

/**
 * `POST /chats/:chatId/queue`: `resume` ends the pause, `discard` removes all turns (for a member: only their own), `send`
 * stops the answer that is being written and then begins the turn `messageId`.
 */
export const queueActionSchema = z
  .object({ action: z.enum(['resume', 'discard', 'send']), messageId: idSchema.optional() })
  .refine(({ action, messageId }) => (action === 'send') === (messageId !== undefined), {
    message: 'needs "messageId" for "send", and must not have it for other actions',
  });
export type QueueAction = z.infer<typeof queueActionSchema>;

const MAX_EDIT_CHARS = 1_000_000;

/** `PATCH /chats/:chatId/queue/:messageId`: changes the text of a waiting turn, its place, or both. */
export const queuedTurnPatchSchema = z
  .object({
    text: z.string().min(1).max(MAX_EDIT_CHARS).optional(),
    /** The first place is 1. A number beyond the end means the last place. */
    place: z.number().int().min(1).max(10_000).optional(),
  })
  .refine(({ text, place }) => text !== undefined || place !== undefined, { message: 'needs "text" or "place"' });
export type QueuedTurnPatch = z.infer<typeof queuedTurnPatchSchema>;

/**
 * `GET /chats/:chatId` of the sidecar: a page of a chat, by default the page with the newest messages. A page has at most `limit`
 * messages and about `maxBytes` bytes, but at least one message.
 */
export const chatSchema = z.object({
  /** The chat as the caller names it: `~<roomId>` for a member of somebody else's room. */
  chatId: chatRefSchema,
  title: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  instructions: z.string(),
  /**
   * One page of a path. The parent of each message is the message before it. An answer that is still being written is not in this
   * list.
   */
  messages: z.array(branchMessageSchema),
  /** To get the next older page of this path, send this id as `before`. `null` if this page contains the first message of the path. */
  before: idSchema.nullable(),
  /** The ids of the stored answers to the last of `messages`. An answer that is still being written is not in this list. */
  answers: z.array(idSchema),
  /** Number of messages in the chat. Each version of a message is counted. */
  messageCount: z.number().int(),
  pinned: z.boolean().default(false),
  archived: z.boolean().default(false),
  /** True if the chat is in no list and no search, and is deleted a day after `createdAt`. */
  temporary: z.boolean().default(false),
  /** What this chat was forked from: another chat, or a public page. `null` if this chat is not a fork. */
  from: shownOriginSchema.nullable().default(null),
  /** The caller's chats that were forked from a message on this page or from the answer that is being written, oldest first. */
  forks: z.array(shownForkSchema).default([]),
  /**
   * The stream that is being written in the chat. `null` if there is none, or if the query has `before`. Unless the query has
   * `leaf` or `at`, the last of `messages` is the question that this stream answers.
   */
  stream: currentStreamSchema.nullable(),
  /** The chat's room, as the caller sees it; `null` if nobody was ever invited. */
  room: roomSchema.nullable().default(null),
  /** The turns that wait. Empty if the query has `before`. */
  queue: queueSchema.default({ turns: [], paused: false }),
  /** Messages that people have added while the answer is being written. When the answer ends, these messages are put after it. */
  said: z.array(storedMessageSchema).default([]),
});
export type Chat = z.infer<typeof chatSchema>;

/** The query of `GET /chats/:chatId/messages`. */
export const messagesQuerySchema = z.object({
  /** The `next` of the previous page. */
  after: z.coerce.number().int().min(0).default(0),
  limit: limitSchema,
});
export type MessagesQuery = z.infer<typeof messagesQuerySchema>;

/** `GET /chats/:chatId/messages`: all versions of all messages, in the order in which they were added. For exports. */
export const messagePageSchema = z.object({
  messages: z.array(storedMessageSchema),
  /** To get the next page, send this value as `after`. `null` on the last page. */
  next: z.number().int().nullable(),
});
export type MessagePage = z.infer<typeof messagePageSchema>;

/** `PATCH /chats/:chatId`. */
export const chatPatchSchema = z.object({
  title: titleSchema.optional(),
  instructions: z.string().max(32_768).optional(),
  /** Marks the chat as read. */
  read: z.literal(true).optional(),
  /** `true` puts the chat at the top of the list, and unarchives it. */
  pinned: z.boolean().optional(),
  /** `true` archives the chat and unpins it. `false`, or a new message in the chat, moves it back to the normal list. */
  archived: z.boolean().optional(),
  /** Lets the room's viewers fork the chat into chats of their own. */
  viewersMayBranch: z.boolean().optional(),
});
export type ChatPatch = z.infer<typeof chatPatchSchema>;

/** `GET /chats/:chatId/stream`: the stream that the AI SDK's `useChat` resumes; 204 if there is none. */
export const latestStreamSchema = z.object({ streamId: z.string(), status: streamStatusSchema });

/** `GET /models` of the sidecar. */
export const modelInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  servedBy: z.string(),
  available: z.boolean(),
  /** If the model is not available: why, and what to do about it. */
  reason: z.string().optional(),
});
export type ModelInfo = z.infer<typeof modelInfoSchema>;
export const modelListSchema = z.object({
  models: z.array(modelInfoSchema),
  defaultModelId: z.string(),
  /** False without Redis: answers are kept in memory and are lost when the sidecar exits. */
  resumable: z.boolean(),
  /** False if guests can only read in other people's rooms. */
  guestsMayEdit: z.boolean().optional(),
});
export type ModelList = z.infer<typeof modelListSchema>;
