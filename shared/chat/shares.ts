import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { partSchema } from './messages.ts';
import { titleSchema } from './title.ts';

const DAY_SECONDS = 24 * 60 * 60;
const MAX_SHARE_SECONDS = 365 * DAY_SECONDS;

/**
 * `snapshot`: the page keeps the messages that the chat had when the page was made or last updated. `live`: the page shows
 * the messages that the chat has when somebody opens the page.
 */
const shareModeSchema = z.enum(['snapshot', 'live']);
export type ShareMode = z.infer<typeof shareModeSchema>;

/** What a public page shows or offers besides questions, answers and sources. `SHARE_OPTIONS` (share-options.ts) lists the names. */
const optionsSchema = z.object({
  /** The thoughts of the model. */
  reasoning: z.boolean(),
  /** Tool calls with their inputs and outputs. */
  tools: z.boolean(),
  /** Other versions of the messages on the page. */
  versions: z.boolean(),
  /** The names of the people who asked. */
  names: z.boolean(),
  instructions: z.boolean(),
  /** Readers can copy the messages into a chat of their own. */
  copy: z.boolean(),
  /** Previews of a link to the page show its title. */
  showTitleInPreview: z.boolean(),
});

const expiresInSchema = z.number().int().min(1).max(MAX_SHARE_SECONDS);
const choicesSchema = optionsSchema.partial();

/** `POST /chats/:chatId/shares`. Options that are left out are off. */
export const shareRequestSchema = choicesSchema.extend({
  mode: shareModeSchema.default('snapshot'),
  /** The page shows the path through this message, down to its newest descendant. `null`: the path to the newest message. */
  leaf: idSchema.nullable().default(null),
  /** Seconds until the page is removed. It is removed earlier if its chat is deleted or expires. */
  expiresIn: expiresInSchema.default(30 * DAY_SECONDS),
  /**
   * The title of the page. Default: the title of the chat. `true` and `false` also mean the title of the chat, and set
   * `showTitleInPreview` if the request does not have that field.
   */
  title: z.union([titleSchema, z.boolean()]).optional(),
});
export type ShareRequest = z.input<typeof shareRequestSchema>;
export type ParsedShareRequest = z.output<typeof shareRequestSchema>;

/** `PATCH /shares/:shareId`. Fields that are left out do not change. */
export const sharePatchSchema = choicesSchema
  .extend({
    /** Seconds from now. */
    expiresIn: expiresInSchema.optional(),
    /** `null`: the title of the chat. */
    title: titleSchema.nullable().optional(),
    /** Replaces the content of a snapshot by what the chat has now. The URL stays the same. */
    update: z.literal(true).optional(),
    /** As in {@link shareRequestSchema}. For a snapshot, a new `leaf` is ignored unless the patch also has `update`. */
    leaf: idSchema.nullable().optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, { message: 'needs something to change' });
export type SharePatch = z.infer<typeof sharePatchSchema>;

/** A public page, as the owner of its chat sees it. Only the response to the request that made the page contains its URL. */
export const shareSchema = optionsSchema.extend({
  /** The SHA-256 of the secret in the page's URL, in base64url. This id cannot be used to open the page. */
  shareId: idSchema,
  chatId: idSchema,
  mode: shareModeSchema,
  leaf: idSchema.nullable(),
  /** 1 for a new page. Each `update` adds 1. */
  revision: z.number().int(),
  title: z.string(),
  createdAt: z.string(),
  /** When the last revision was made. */
  updatedAt: z.string(),
  expiresAt: z.string(),
  /** How many times the page was opened. */
  reads: z.number().int(),
  lastReadAt: z.string().nullable(),
});
export type Share = z.infer<typeof shareSchema>;

/** The secret in the URL of a public page: 256 random bits, as base64url. Only its SHA-256 is in Redis. */
export const shareSecretSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'is not the secret in the URL of a public page');

/** The sidecar's response to `POST /chats/:chatId/shares`. The app's response has `url` instead of `secret`. */
export const shareAnswerSchema = shareSchema.extend({
  /** No other response contains the secret. */
  secret: shareSecretSchema,
});
export type ShareAnswer = z.infer<typeof shareAnswerSchema>;

/** `GET /shares` and `GET /chats/:chatId/shares`: the newest first. */
export const shareListSchema = z.object({ shares: z.array(shareSchema) });
export type ShareList = z.infer<typeof shareListSchema>;

/** A message as a public page shows it: only the parts and fields that the owner of the page shows. */
export const sharedMessageSchema = z.object({
  id: idSchema,
  role: z.enum(['user', 'assistant', 'system']),
  parts: z.array(partSchema),
  createdAt: z.string(),
  status: z.enum(['completed', 'error', 'cancelled', 'partial']).optional(),
  /** The code of the error, if `status` is `error`. */
  errorCode: z.string().optional(),
  modelId: z.string().optional(),
  /** The name of the person who asked. */
  by: z.string().optional(),
  /** True if no model of this app wrote the answer: a client sent it along with a request. Otherwise left out. */
  sentByClient: z.literal(true).optional(),
});
export type SharedMessage = z.infer<typeof sharedMessageSchema>;

export const shownMessageSchema = sharedMessageSchema.extend({
  /** The other versions of the message, oldest first. */
  versions: z.array(sharedMessageSchema).optional(),
});
export type ShownMessage = z.infer<typeof shownMessageSchema>;

/** The sidecar's `POST /shared`. The secret is in the body, because URLs are logged. */
export const sharedRequestSchema = z.object({
  secret: shareSecretSchema,
  /** True if this request counts as a read of the page. False, for example, when a browser prefetches the page. */
  counts: z.boolean().default(true),
});

/** The response to `POST /shared`: the content of a public page. */
export const sharedPageSchema = optionsSchema.extend({
  mode: shareModeSchema,
  title: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** Left out if the chat has no instructions, or if the page does not show them. */
  instructionsText: z.string().optional(),
  messages: z.array(shownMessageSchema),
  /** True if the oldest messages are left out because the page is too long. Always false for a snapshot. */
  isCut: z.boolean(),
  /**
   * Changes when the messages on the page change, but not when the options or the title of the page change. A request for a copy
   * contains this tag.
   */
  tag: z.string(),
  /** The answer that is being written at the end of a live page; otherwise `null`. */
  stream: z
    .object({
      streamId: idSchema,
      messageId: idSchema,
      /** The `tag` that the page will have when it contains the whole answer. */
      tag: z.string(),
      /** Changes when the owner changes the page's `leaf`, title or options. A request to follow the answer contains this value. */
      settings: z.string().optional(),
    })
    .nullable(),
});
export type SharedPage = z.infer<typeof sharedPageSchema>;

/** The sidecar's `POST /shared/events`: follows the answer that is being written on a live page. */
export const sharedEventsRequestSchema = z.object({
  secret: shareSecretSchema,
  streamId: idSchema,
  /** The `stream.settings` of the page that was read. If they have changed, the request fails with `share_changed`. */
  settings: z.string().max(100).optional(),
});

/** The sidecar's `POST /shared/copies`: makes a new chat of the caller with the messages that a public page shows. */
export const sharedCopyRequestSchema = z.object({
  secret: shareSecretSchema,
  /** The `tag` of the page that was read. */
  tag: z.string().max(100),
  /** The id of the new chat. A repeated request with the same id and the same page returns the same chat. */
  forkId: idSchema,
});
export type SharedCopyRequest = z.infer<typeof sharedCopyRequestSchema>;

/** Who can open public pages: nobody, everybody who may use the app, or everybody who has the URL. */
export const SHARES_SETTING = ['off', 'members', 'public'] as const;
export type SharesSetting = (typeof SHARES_SETTING)[number];
