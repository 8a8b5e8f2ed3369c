#!lua
-- Points a conversation at the stream that is to answer in it, where it still points as the caller last saw it, and
-- keeps the person's messages in the same step.
-- KEYS  1 chat
-- ARGV  1 the stream seen there, or ''  2 the new one  3 time (ISO 8601)  4 ttl ms  5 title for a new conversation
--       6 '1' to set the instructions  7 instructions  8… message field, message (JSON), …
-- Returns {1, stream} when it points there now, else {0, the stream it points at}.
local now = redis.call('HGET', KEYS[1], 'stream') or ''
if now ~= ARGV[1] and now ~= ARGV[2] then return {0, now} end
if now ~= ARGV[2] then
  redis.call('HSET', KEYS[1], 'stream', ARGV[2], 'streamAt', ARGV[3], 'updatedAt', ARGV[3])
  redis.call('HSETNX', KEYS[1], 'createdAt', ARGV[3])
  redis.call('HSETNX', KEYS[1], 'title', ARGV[5])
  if ARGV[6] == '1' then redis.call('HSET', KEYS[1], 'instructions', ARGV[7]) end
  for i = 8, #ARGV, 2 do redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {1, ARGV[2]}
