#!lua
-- Sets fields of the hash of a public page, and the time at which this hash expires.
-- KEYS  1 share (hash: where the chat of the page is, how often the page was opened, the content of a snapshot)
-- ARGV  1 when the hash expires (ms since 1970)  2… field, value, …
-- Returns 1.
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1
