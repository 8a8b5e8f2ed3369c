#!lua
-- PROTOCOL.md 12.4. Called when a stream in a person's set of active streams does not exist. Removes the stream from the set, unless
-- the start of the stream may still be under way.
-- KEYS  1 active streams (set)  2 starts (sorted set: stream id, scored with the time of its start)
-- ARGV  1 stream id  2 for how long a start counts as under way, ms
-- Returns 1 if the stream was removed, else 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local begun = redis.call('ZSCORE', KEYS[2], ARGV[1])
if begun and now - begun < tonumber(ARGV[2]) then return 0 end
return redis.call('SREM', KEYS[1], ARGV[1])
