#!lua flags=allow-oom
-- Clears a conversation's pointer if it still points at a stream that is gone and left no answer.
-- KEYS  1 chat
-- ARGV  1 stream id
-- Returns 1 when cleared, else 0.
if redis.call('HGET', KEYS[1], 'stream') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'stream', 'streamAt')
