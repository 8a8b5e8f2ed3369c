import { z } from 'zod';
import { ID_PATTERN, idSchema, MAX_ID_CHARS } from '../ids.ts';
import { userIdSchema } from '../token.ts';

/**
 * A room is a chat that can have members besides its owner. Its room id never changes, and does not reveal the owner.
 * Chats of different people can have the same chat id, so members send `~<roomId>` instead of the chat id. A chat id cannot contain `~`.
 */
const ROOM_ID = '[a-z2-7]{26}';
const roomIdSchema = z.string().regex(new RegExp(`^${ROOM_ID}$`), 'must be the id of a room');
const ROOM_MARK = '~';
export const roomRef = (roomId: string): string => `${ROOM_MARK}${roomId}`;
/** The room id in `ref`; `null` if `ref` is the id of one of the caller's own chats. */
export const roomIdIn = (ref: string): string | null => (ref.startsWith(ROOM_MARK) ? ref.slice(1) : null);

/** How a request names a chat: the id of one's own chat, or `~<roomId>`. */
export const chatRefSchema = z
  .string()
  .regex(
    new RegExp(`${ID_PATTERN.source}|^${ROOM_MARK}${ROOM_ID}$`),
    `must be 1 to ${MAX_ID_CHARS} of A-Z a-z 0-9 _ -, or ~ and the id of a room`,
  );

/** A person's role in a chat. Each role may do everything that the role before it may do. */
export const ROLES = ['viewer', 'editor', 'owner'] as const;
const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;
/** The roles that an owner can give. */
const memberRoleSchema = z.enum(['viewer', 'editor']);
export type MemberRole = z.infer<typeof memberRoleSchema>;

export const mayAs = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

const MAX_NAME_CHARS = 60;

/** Characters that cannot be seen. Some of them are control characters; others only change the direction of the text. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

/** A person's name as others see it: one line of at most 60 characters. Characters that cannot be seen are replaced by spaces. */
export const cleanName = (name: string): string =>
  [...name.normalize('NFC').replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim()].slice(0, MAX_NAME_CHARS).join('').trim();

export const nameSchema = z
  .string()
  .max(1000)
  .transform(cleanName)
  .refine((name) => name !== '', { message: 'must have at least one character that can be seen' });

/** Who wrote or asked something in a room. */
export const authorSchema = z.object({ userId: userIdSchema, name: z.string() });
export type Author = z.infer<typeof authorSchema>;

export const memberSchema = authorSchema.extend({
  role: roleSchema,
  /** ISO 8601. */
  since: z.string(),
});
export type Member = z.infer<typeof memberSchema>;

/** The response to `GET /chats/:chatId/members`: the owner first. Every member may request this list. */
export const memberListSchema = z.object({ members: z.array(memberSchema) });
export type MemberList = z.infer<typeof memberListSchema>;

/** `PATCH /chats/:chatId/members/:userId`: the owner changes a member's role; everybody changes their own name. */
export const memberPatchSchema = z
  .object({ role: memberRoleSchema.optional(), name: nameSchema.optional() })
  .refine(({ role, name }) => role !== undefined || name !== undefined, { message: 'needs "role" or "name"' });
export type MemberPatch = z.input<typeof memberPatchSchema>;

const DAY_SECONDS = 24 * 60 * 60;
const MAX_INVITE_SECONDS = 30 * DAY_SECONDS;
const MAX_INVITE_USES = 50;

/** `POST /chats/:chatId/invites`. */
export const inviteRequestSchema = z.object({
  role: memberRoleSchema.default('editor'),
  /** Seconds until the invite expires. */
  expiresIn: z
    .number()
    .int()
    .min(60)
    .max(MAX_INVITE_SECONDS)
    .default(7 * DAY_SECONDS),
  maxUses: z.number().int().min(1).max(MAX_INVITE_USES).default(1),
  /** The owner's name as members see it. It is ignored if the owner has given a name before. */
  name: nameSchema.optional(),
});
export type InviteRequest = z.input<typeof inviteRequestSchema>;

/** An invite, as the owner sees it. Only the response to the request that made the invite contains its token. */
export const inviteSchema = z.object({
  inviteId: idSchema,
  role: memberRoleSchema,
  createdAt: z.string(),
  expiresAt: z.string(),
  maxUses: z.number().int(),
  uses: z.number().int(),
  revokedAt: z.string().nullable(),
});
export type Invite = z.infer<typeof inviteSchema>;

/** `GET /chats/:chatId/invites`: the invites that can still be used, the newest first. */
export const inviteListSchema = z.object({ invites: z.array(inviteSchema) });
export type InviteList = z.infer<typeof inviteListSchema>;

/** The secret in the link of an invite: 256 random bits, as base64url. Only its SHA-256 is in Redis. */
export const inviteTokenSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is not the token of an invite');

/** The sidecar's response to `POST /chats/:chatId/invites`. The app responds with `{inviteId, url}`. */
export const inviteAnswerSchema = z.object({
  inviteId: idSchema,
  /** No other response contains the token. */
  token: z.string(),
  roomId: roomIdSchema,
});
export type InviteAnswer = z.infer<typeof inviteAnswerSchema>;

/**
 * The sidecar's `POST /joins/look`: shows what an invite offers, and changes nothing. The token is in the body, because URLs are
 * logged.
 */
export const lookRequestSchema = z.object({ token: inviteTokenSchema });

/** The response to `POST /joins/look`. */
export const invitationSchema = z.object({
  title: z.string(),
  /** The owner's name. */
  from: z.string(),
  /** The role that this caller gets by joining. For a guest it can be `viewer` although the invite gives `editor`. */
  role: memberRoleSchema,
  expiresAt: z.string(),
  /** Number of messages in the chat. */
  messages: z.number().int(),
  /** Number of people in the room. */
  people: z.number().int(),
  /** The room if the caller is already in it; otherwise `null`. */
  joined: roomIdSchema.nullable(),
});
export type Invitation = z.infer<typeof invitationSchema>;

/** The sidecar's `POST /joins`. If the person is already in the room, the request changes nothing and does not count as a use. */
export const joinRequestSchema = z.object({ token: inviteTokenSchema, name: nameSchema });
export const joinAnswerSchema = z.object({ roomId: roomIdSchema, role: roleSchema });
export type JoinAnswer = z.infer<typeof joinAnswerSchema>;

/** A person who has the room open at the moment. */
const presentSchema = z.object({
  userId: userIdSchema,
  name: z.string(),
  role: roleSchema,
  typing: z.boolean(),
});
export type Present = z.infer<typeof presentSchema>;

/**
 * The data of a `change` event in the feed (`GET /chats/:chatId/events`). `v`: the new version of the chat, which is also the id of the
 * event. The event does not contain the change itself, so the page loads the chat again.
 */
export const changeSchema = z.object({
  v: z.number().int(),
  /**
   * What changed: `turn` (a question, an answer or a message), `queue`, `title` (also the instructions), `members` (also their names
   * and roles, the invites, and whether viewers may fork the chat), `branches` (the owner has forked the chat). `all`: anything
   * may have changed, for example while the connection was lost.
   */
  what: z.enum(['turn', 'queue', 'title', 'members', 'branches', 'all']),
  by: userIdSchema.nullable(),
});
export type RoomChange = z.infer<typeof changeSchema>;

/** The data of a `here` event in the feed: everybody who has the room open. Sent when the list changes. */
export const hereSchema = z.array(presentSchema);

/** The id of one browser tab of a person. The page chooses it. */
const tabSchema = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/);
export const feedQuerySchema = z.object({
  tab: tabSchema.optional(),
  /**
   * The version that the page knows (`room.v`), for its first connection. Later connections send the latest version as
   * `Last-Event-ID` instead.
   */
  after: z.string().max(64).optional(),
});
/** `POST /chats/:chatId/presence`: a page with an open feed reports whether its person is typing. Response: 204. */
export const presenceSchema = z.object({ tab: tabSchema, typing: z.boolean() });
export type Presence = z.infer<typeof presenceSchema>;

/** `POST /chats/:chatId/say`: adds a message without asking the model. Response: 201 `{messageId}`, or 200 for a repeated request. */
export const sayRequestSchema = z.object({
  messageId: idSchema,
  text: z.string().min(1).max(1_000_000),
  /** The parent of the new message. Default: the newest message of the chat or, while an answer is being written, that answer. */
  parentId: idSchema.nullable().optional(),
});
export type SayRequest = z.infer<typeof sayRequestSchema>;
export const sayAnswerSchema = z.object({ messageId: idSchema });

/** What `GET /chats/:chatId` says about the room of the chat. */
export const roomSchema = z.object({
  roomId: roomIdSchema,
  /** The caller's role in the room. */
  role: roleSchema,
  /** The caller's name in the room. */
  name: z.string(),
  userId: userIdSchema,
  /** Number of people in the room, including the owner. */
  people: z.number().int(),
  /** True if viewers may fork the chat into chats of their own. */
  viewersMayBranch: z.boolean().default(false),
  v: z.number().int(),
});
export type Room = z.infer<typeof roomSchema>;

/** A room of which the caller is a member, but not the owner. */
export const roomSummarySchema = z.object({
  roomId: roomIdSchema,
  title: z.string(),
  role: memberRoleSchema,
  /** The owner's name. */
  owner: z.string(),
  updatedAt: z.string(),
  /** True if an answer is being written in the room. */
  isActive: z.boolean(),
});
export type RoomSummary = z.infer<typeof roomSummarySchema>;

/** `GET /rooms`: the most recently changed room first. */
export const roomListSchema = z.object({ rooms: z.array(roomSummarySchema) });
export type RoomList = z.infer<typeof roomListSchema>;
