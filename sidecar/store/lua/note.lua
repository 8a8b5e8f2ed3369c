#!lua flags=allow-oom
-- Writes a small value with an expiry. Works while Redis is full.
-- KEYS  1 key
-- ARGV  1 value  2 ttl ms
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
