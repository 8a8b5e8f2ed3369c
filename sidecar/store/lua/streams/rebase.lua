#!lua
-- PROTOCOL.md 7.5. Restarts the answer of a stream: appends a `start` frame to the log, and notes the position of this frame as the
-- base.
-- KEYS  1 log  2 meta
-- ARGV  1 epoch  2 position  3 frames  4 bell channel
-- Returns what happened (0 done, 1 the log does not end at the position, 2 fenced, 3 gone), and the length of the log. With 2 and 3
-- the length is always 0.
local known = redis.call('HMGET', KEYS[2], 'epoch', 'status')
if not known[1] then return {3, 0} end
if known[1] ~= ARGV[1] or known[2] ~= 'active' then return {2, 0} end
local length = redis.call('STRLEN', KEYS[1])
if length ~= tonumber(ARGV[2]) then return {1, length} end
length = redis.call('APPEND', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], 'base', ARGV[2], 'claimed', length)
redis.call('SPUBLISH', ARGV[4], length)
return {0, length}
