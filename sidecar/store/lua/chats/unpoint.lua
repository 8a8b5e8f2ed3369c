#!lua flags=allow-oom
-- Clears a conversation's pointer to a stream that is gone and left no answer. If turns wait, the queue is paused until a person
-- lets it go on.
-- KEYS  1 chat  2 queue  3 meta of the stream; left out if this key is on another server
-- ARGV  1 stream id
-- Returns 1 if the pointer was cleared. Returns 0 if the conversation points at another stream, or if the stream exists and has not
--   ended: a slow start may have created the stream after the caller found no stream.
local chat, queue, meta = KEYS[1], KEYS[2], KEYS[3]
if redis.call('HGET', chat, 'stream') ~= ARGV[1] then return 0 end
local status = meta and redis.call('HGET', meta, 'status')
if status == 'active' or status == 'sealed' or status == 'queued' then return 0 end
redis.call('HDEL', chat, 'stream', 'streamAt', 'interrupted')
if redis.call('LLEN', queue) > 0 then redis.call('HSET', chat, 'paused', 1) end
place_said(chat, redis.call('HGET', chat, 'newest') or '')
ring(chat, bell_of(chat), 'turn', '')
return 1
