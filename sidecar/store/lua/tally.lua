#!lua flags=allow-oom
-- Counts requests in a window that begins with the first of them. Works while Redis is full.
-- KEYS  1 counter
-- ARGV  1 length of the window (ms)
-- Returns the count.
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1], 'NX')
return count
