import type { Subject } from '../counts/admission-store.ts';

/**
 * All Redis keys. The keys of one stream, such as `stream:<id>` and `{stream:<id>}:log`, are in one Cluster slot, so a
 * script may use them together. The keys of a person or a chat are in other slots.
 */
export const stateKey = (streamId: string): string => `stream:${streamId}`;
export const logKey = (streamId: string): string => `{stream:${streamId}}:log`;
export const metaKey = (streamId: string): string => `{stream:${streamId}}:meta`;
/** A sharded channel: "something was appended". */
export const bellChannel = (streamId: string): string => `{stream:${streamId}}:bell`;

/** The ids of a person's active streams. */
export const userStreamsKey = (userId: string): string => `user_streams:${userId}`;
/**
 * The ids of streams that guests at one network address have started. Some may have ended. `address` is a keyed hash of the network
 * address.
 */
export const addressStreamsKey = (address: string): string => `address_streams:${address}`;
/**
 * The ids of streams started in the last minute, scored with the time of the start. `activeKey` is a {@link userStreamsKey} or an
 * {@link addressStreamsKey}.
 */
export const startsKey = (activeKey: string): string => `{${activeKey}}:starts`;
/** How many bytes each chat, stream, template and public page of a person or a network address has. In the slot of `activeKey`. */
export const bytesKey = (activeKey: string): string => `{${activeKey}}:bytes`;
/** The entries of {@link bytesKey}, scored with the time at which they expire. In the slot of `activeKey`. */
export const heldKey = (activeKey: string): string => `{${activeKey}}:held`;
/** How many cleanups a person asked for in the last minute. */
export const cleanupsKey = (userId: string): string => `rejoin:cleanups:${userId}`;
/** The streams that recovery checks, scored with the time of the next check: usually the end of the stream's lease. */
export const ACTIVE_STREAMS = 'active_streams';
/** Streams that have ended and whose logs are not packed yet, scored with the time at which they are to be packed. */
export const ENDED_STREAMS = 'rejoin:ended';
/** The key contains the user id, because clients choose chat ids, and two people may choose the same. */
export const chatKey = (userId: string, chatId: string): string => `chat:${userId}:${chatId}`;
/** The message ids of the answers that wait in a chat, in their order. In the chat's slot. */
export const queueKey = (userId: string, chatId: string): string => `{${chatKey(userId, chatId)}}:queue`;
/** A sharded channel in the chat's slot, used only while the chat is a room: "the chat has changed", or "who is here has changed". */
export const chatBell = (userId: string, chatId: string): string => `{${chatKey(userId, chatId)}}:bell`;
/** The chat of a room: its owner's user id in the field `owner`, and the chat id in the field `chat`. Neither field ever changes. */
export const roomKey = (roomId: string): string => `room:${roomId}`;
/**
 * Who looks at a room. Each browser tab with the room has an entry `<user id> <tab>`, and a second entry `<user id> <tab> typing` while
 * the person types in this tab. Each entry is scored with the time at which it lapses. In the chat's slot.
 */
export const hereKey = (userId: string, chatId: string): string => `{${chatKey(userId, chatId)}}:here`;
/** The chat to which an invite leads, in the fields `owner`, `chat` and `invite`. `tokenHash` is the SHA-256 of the invite's token. */
export const inviteKey = (tokenHash: string): string => `invite:${tokenHash}`;
/**
 * The rooms of which a person is a member, scored with the time at which the person joined. Reading the list removes rooms that no
 * longer exist, and rooms of which the person is no longer a member.
 */
export const userRoomsKey = (userId: string): string => `user_rooms:${userId}`;
/** How often a person, or the guests at one network address, tried to join a room in the last minute. */
export const joinsKey = (subject: Subject): string =>
  'userId' in subject ? `rejoin:joins:${subject.userId}` : `rejoin:joins:address:${subject.address}`;
/** A person's conversations, scored with the time of their last change. */
export const userChatsKey = (userId: string): string => `user_chats:${userId}`;
/** A person's archived conversations. They are not in {@link userChatsKey}. */
export const archivedChatsKey = (userId: string): string => `user_chats:${userId}:archived`;
/** A person's pinned conversations, scored with the time at which they were pinned. They are in {@link userChatsKey}, too. */
export const pinnedChatsKey = (userId: string): string => `user_chats:${userId}:pinned`;
/** A person's temporary conversations. The list is never shown, and is read only to delete all conversations of the person. */
export const temporaryChatsKey = (userId: string): string => `user_chats:${userId}:temporary`;

/** A template: all its versions, and which one is live. */
export const templateKey = (userId: string, id: string): string => `template:${userId}:${id}`;
/** A person's templates, scored with the time of their last change. A template that is being created has a negative score. */
export const userTemplatesKey = (userId: string): string => `user_templates:${userId}`;
/** The templates that everybody sees, as `<userId>:<id>`, scored with the time at which they were published. */
export const PUBLISHED_TEMPLATES = 'rejoin:templates';

/** A public page: the ids of its owner and its chat, how often the page was opened, and the content of a snapshot. */
export const shareKey = (shareId: string): string => `share:${shareId}`;
/** The ids of a person's public pages, scored with the time at which they expire. */
export const userSharesKey = (userId: string): string => `user_shares:${userId}`;
/** How many public pages a network address or a person opened in the last minute. */
export const opensKey = (who: string): string => `rejoin:opens:${who}`;

/**
 * The channel of messages to every sidecar: streams that were sealed or removed, released leases, changed roles, public pages that
 * have ended or changed.
 */
export const ANNOUNCEMENTS = 'rejoin:announcements';
/** The lock that lets only one sidecar sweep at a time. A sweep walks through all keys and removes what has expired. */
export const SWEEPER_LOCK = 'rejoin:sweeper';
/** Where the last sweep stopped if it was not finished, so that the next one goes on from there. */
export const SWEEP_PLACE = 'rejoin:sweep';
/** What all sidecars counted in one hour. `hour`: its beginning (ISO 8601). */
export const analyticsKey = (hour: string): string => `rejoin:analytics:${hour}`;
/** Number of readers per stream at one sidecar, as JSON. It expires if that sidecar stops reporting. */
export const readersKey = (sidecarId: string): string => `rejoin:readers:${sidecarId}`;
/** The ids of the sidecars that may have a {@link readersKey}. */
export const SIDECARS = 'rejoin:sidecars';
