#!lua flags=allow-oom
-- Counts how often a public page is opened.
-- KEYS  1 share (keep.lua)
-- ARGV  1 now (ISO 8601)
-- Returns how often the page was opened, including this time; 0 if the page is gone.
if redis.call('HEXISTS', KEYS[1], 'owner') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'readAt', ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'reads', 1)
