#!lua flags=allow-oom
-- Deletes a copy that will not be finished. Never deletes a conversation.
-- KEYS  1 the copy
-- ARGV  1 where it comes from (JSON)
-- Returns 1 when deleted, else 0.
local known = redis.call('HMGET', KEYS[1], 'createdAt', 'copying')
if known[1] or known[2] ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
