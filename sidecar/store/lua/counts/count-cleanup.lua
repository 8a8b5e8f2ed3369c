#!lua
-- Counts a cleanup that a person asks for. The count begins with its lifetime in the same step, so that it always ends.
-- KEYS  1 count
-- ARGV  1 ttl ms
-- Returns the number of cleanups since the count began.
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
