#!lua flags=allow-oom
-- PROTOCOL.md 8.7. Takes the ended streams whose logs are to be packed now. No other call gets these streams for the time in ARGV 2.
-- KEYS  1 ended streams
-- ARGV  1 maximum number of streams  2 time until another call gets the same streams (ms)
--       3 time (ms): streams whose logs are to be packed within this time are taken, too
-- Returns the ids of the streams.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now + ARGV[3], 'LIMIT', 0, ARGV[1])
for _, stream in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], stream) end
return due
