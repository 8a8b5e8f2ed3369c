#!lua
-- Adds a version to a template, or creates the template with its first version. The new version becomes the live one (change.lua).
-- A tag names one state of a template, like an ETag: each change gives the template a new tag.
-- KEYS  1 template
-- ARGV  1 the tags that the template may have, divided by spaces; or `any`; or `absent` if there must be no template
--       2 the new tag  3 now (ISO 8601)  4 ttl ms
--       5 maximum number of versions: if there are more, the oldest are deleted  6 the version as JSON
--       7 the head of the version as JSON: name, command, description  8 the size of ARGV 6 in bytes
-- Returns `done`. If nothing was done: `absent` (there is no template) or `changed` (the template has another tag, or ARGV 1 is
-- `absent` and there is a template).
local template, condition, tag, now, ttl = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local known = redis.call('HMGET', template, 'tag', 'latest', 'oldest', 'bytes')
local before = known[1]
if condition == 'absent' then
  if before then return 'changed' end
  redis.call('HSET', template, 'createdAt', now, 'bytes', 0, 'oldest', 1)
elseif not before then
  return 'absent'
elseif condition ~= 'any' and not string.find(' ' .. condition .. ' ', ' ' .. before .. ' ', 1, true) then
  return 'changed'
end
local latest, oldest = tonumber(known[2] or 0) + 1, tonumber(known[3] or 1)
redis.call('HSET', template, 'tag', tag, 'updatedAt', now, 'latest', latest, 'live', latest,
  'v:' .. latest, ARGV[6], 'h:' .. latest, ARGV[7], 's:' .. latest, ARGV[8])
redis.call('HINCRBY', template, 'bytes', ARGV[8])
while oldest <= latest - tonumber(ARGV[5]) do
  redis.call('HINCRBY', template, 'bytes', -tonumber(redis.call('HGET', template, 's:' .. oldest)))
  redis.call('HDEL', template, 'v:' .. oldest, 'h:' .. oldest, 's:' .. oldest)
  oldest = oldest + 1
  redis.call('HSET', template, 'oldest', oldest)
end
redis.call('PEXPIRE', template, ttl)
return 'done'
