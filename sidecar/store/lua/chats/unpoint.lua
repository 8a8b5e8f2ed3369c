#!lua flags=allow-oom
-- Clears a conversation's pointer if it still points at a stream that is gone and left no answer.
-- KEYS  1 chat  2 meta of the stream; left out if it is on another server
-- ARGV  1 stream id
-- Returns 1 when cleared, else 0: it points elsewhere, or a slow start has created the stream after the caller looked.
if redis.call('HGET', KEYS[1], 'stream') ~= ARGV[1] then return 0 end
local status = KEYS[2] and redis.call('HGET', KEYS[2], 'status')
if status == 'active' or status == 'sealed' then return 0 end
return redis.call('HDEL', KEYS[1], 'stream', 'streamAt')
