#!lua flags=allow-oom
-- Counts how often something was asked for since the first time in a window. Works while Redis is full, because a cleanup,
-- which frees memory, is counted with it.
-- KEYS  1 counter
-- ARGV  1 window ms
-- Returns the count.
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1], 'NX')
return count
