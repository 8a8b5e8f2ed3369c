#!lua flags=allow-oom
-- Releases a lock if the caller still holds it.
-- KEYS  1 lock
-- ARGV  1 random value of the caller
-- Returns 1 if the caller held it, else 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
