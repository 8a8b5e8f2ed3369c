#!lua flags=allow-oom
-- PROTOCOL.md 8.7. Takes ended streams whose logs are to be packed. They are not given to anybody else for a while, and
-- come again if the process that took them dies.
-- KEYS  1 ended streams
-- ARGV  1 number at the most  2 ms until they come again  3 ms from now: what is due by then is taken, too
-- Returns their ids.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now + ARGV[3], 'LIMIT', 0, ARGV[1])
for _, stream in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], stream) end
return due
