#!lua
-- Sets fields of a public page, and the time at which the page expires.
-- KEYS  1 share
-- ARGV  1 when the page expires (ms since 1970)  2… field, value, …
-- Returns 1.
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1
