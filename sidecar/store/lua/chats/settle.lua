#!lua flags=allow-oom
-- PROTOCOL.md 8.5. Writes an answer that has ended into its conversation and clears the pointer, in one step, so that
-- the answer is always in one of the two places. Does nothing if the conversation was deleted.
-- KEYS  1 chat
-- ARGV  1 stream id  2 message id  3 parent id or ''  4 characters  5 bytes  6 packed message  7 status
--       8 time (ISO 8601)  9 ttl ms  10 words
-- Returns {last change (ISO 8601), bytes of the chat, a guest's address or '', 1 if it is temporary or '', when it was
--   archived or ''}, or {} if there is no such conversation.
local chat, stream, id, parent = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local chars, bytes, packed, status, time, ttl, words = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
if redis.call('HEXISTS', chat, 'createdAt') == 0 then return {} end
add_message(chat, id, 'a', parent, chars, bytes, packed, words)
if redis.call('HGET', chat, 'stream') == stream then
  redis.call('HDEL', chat, 'stream', 'streamAt')
  redis.call('HSET', chat, 'updatedAt', time, 'lastStream', stream, 'lastMessage', id,
    'lastStatus', status, 'lastEndedAt', time)
end
local now = redis.call('HMGET', chat, 'updatedAt', 'bytes', 'address', 'temporary', 'archivedAt')
if not now[4] then redis.call('PEXPIRE', chat, ttl) end
return {now[1], tonumber(now[2] or 0), now[3] or '', now[4] or '', now[5] or ''}
