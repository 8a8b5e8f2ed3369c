/** Settings that remove all limits (0), so that a sidecar accepts any load on a machine of any speed. */
export const NO_LIMITS = {
  MAX_ACTIVE_STREAMS_PER_USER: '0',
  MAX_STARTS_PER_MINUTE: '0',
  MAX_BYTES_PER_USER: '0',
  MAX_CHATS_PER_USER: '0',
  MAX_MESSAGES_PER_CHAT: '0',
  MAX_FORK_BYTES: '0',
  MAX_ROOMS_PER_USER: '0',
  MAX_JOINS_PER_MINUTE: '0',
  MAX_READERS_PER_STREAM: '0',
  MAX_READERS_PER_USER: '0',
  MAX_FEEDS_PER_USER: '0',
  MAX_FEEDS_PER_ROOM: '0',
  MAX_STREAMS: '0',
  MAX_HEAP_BYTES: '0',
  MAX_RSS_BYTES: '0',
  MAX_EVENT_LOOP_DELAY_MS: '0',
};
