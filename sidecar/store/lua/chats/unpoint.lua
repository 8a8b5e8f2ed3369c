#!lua flags=allow-oom
-- Clears a conversation's pointer if it still points at a stream that is gone and left no answer. Turns that wait are held
-- until a person decides: nobody knows how that answer ended.
-- KEYS  1 chat  2 queue
-- ARGV  1 stream id
-- Returns 1 when cleared, else 0.
if redis.call('HGET', KEYS[1], 'stream') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'stream', 'streamAt', 'interrupted')
if redis.call('LLEN', KEYS[2]) > 0 then redis.call('HSET', KEYS[1], 'paused', 1) end
return 1
