#!lua flags=allow-oom
-- Counts how often something was asked for since the first time in a window. Works while Redis is full, as what is counted
-- may free memory.
-- KEYS  1 counter
-- ARGV  1 window ms
-- Returns the count.
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1], 'NX')
return count
