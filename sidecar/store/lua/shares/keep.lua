#!lua
-- Sets fields of the hash of a public page, and the time at which this hash expires.
-- KEYS  1 share (hash: owner and id of the chat, how often the page was opened, and, if the page is a snapshot of the chat, the
--         content of the page)
-- ARGV  1 when the hash expires (ms since 1970)  2… field, value, …
-- Returns 1.
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1
