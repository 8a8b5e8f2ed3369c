/**
 * Every Redis key there is. All of one stream hashes to one Cluster slot (`stream:<id>` and `{stream:<id>}:log` do),
 * so a script may touch them together; what belongs to a person or a chat is in other slots and never in the same one.
 */
export const stateKey = (streamId: string): string => `stream:${streamId}`;
export const logKey = (streamId: string): string => `{stream:${streamId}}:log`;
export const metaKey = (streamId: string): string => `{stream:${streamId}}:meta`;
/** A sharded channel: "something was appended". It carries no truth. */
export const bellChannel = (streamId: string): string => `{stream:${streamId}}:bell`;

/** The ids of a person's active streams. */
export const userStreamsKey = (userId: string): string => `user_streams:${userId}`;
/** What recovery looks at: stream ids, scored with the end of their lease as a hint. */
export const ACTIVE_STREAMS = 'active_streams';
/** The person is in the key: chat ids are chosen by clients and collide. */
export const chatKey = (userId: string, chatId: string): string => `chat:${userId}:${chatId}`;
/** A person's conversations, scored with the time of their last change. */
export const userChatsKey = (userId: string): string => `user_chats:${userId}`;

/** Heard by every sidecar: cancelled streams, released leases. */
export const ANNOUNCEMENTS = 'rejoin:announcements';
/** One sweeper at a time. */
export const SWEEPER_LOCK = 'rejoin:sweeper';
