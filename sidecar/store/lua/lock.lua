#!lua flags=allow-oom
-- Takes a lock if nobody has it. A script and not SET, so that a cleanup can begin while Redis is full.
-- KEYS  1 lock
-- ARGV  1 token  2 ttl ms
-- Returns 1 when it is the caller's now, else 0.
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
return 1
