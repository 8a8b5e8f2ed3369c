#!lua flags=allow-oom
-- Deletes an unfinished copy (copy.lua). Never deletes a copy that has become a conversation (finish.lua).
-- KEYS  1 the copy
-- ARGV  1 the origin of the copy (JSON)
-- Returns 1 if the copy was deleted, else 0.
local known = redis.call('HMGET', KEYS[1], 'createdAt', 'copying')
if known[1] or known[2] ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
