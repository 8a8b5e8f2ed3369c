#!lua flags=allow-oom
-- Counts that a public page was opened.
-- KEYS  1 share
-- ARGV  1 now (ISO 8601)
-- Returns how often it was opened; 0: it is gone.
if redis.call('HEXISTS', KEYS[1], 'owner') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'readAt', ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'reads', 1)
