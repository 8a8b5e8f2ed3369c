#!lua
-- Changes fields of an existing conversation.
-- KEYS  1 chat
-- ARGV  field, value, …
-- Returns 1, or 0 when there is no such conversation.
if redis.call('HEXISTS', KEYS[1], 'createdAt') == 0 then return 0 end
for i = 1, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1
