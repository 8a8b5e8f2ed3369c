#!lua
-- Chooses the live version of a template, publishes the template, or withdraws it. A start of an answer that names no version uses
-- the live version.
-- A tag names one state of a template, like an ETag: each change gives the template a new tag.
-- KEYS  1 template
-- ARGV  1 the tags that the template may have, divided by spaces, or `any`  2 the new tag  3 now (ISO 8601)  4 ttl ms
--       5 number of the version that becomes the live one, or ''  6 `publish`, `withdraw` or ''
-- Returns `done`. If nothing was done: `absent` (there is no template), `changed` (the template has another tag) or `no-version` (the
-- template does not have the version in ARGV 5).
local template, condition, version, publishing = KEYS[1], ARGV[1], ARGV[5], ARGV[6]
local before = redis.call('HGET', template, 'tag')
if not before then return 'absent' end
if condition ~= 'any' and not string.find(' ' .. condition .. ' ', ' ' .. before .. ' ', 1, true) then
  return 'changed'
end
if version ~= '' and redis.call('HEXISTS', template, 'v:' .. version) == 0 then return 'no-version' end
if version ~= '' then redis.call('HSET', template, 'live', version) end
if publishing == 'publish' then redis.call('HSETNX', template, 'publishedAt', ARGV[3]) end
if publishing == 'withdraw' then redis.call('HDEL', template, 'publishedAt') end
redis.call('HSET', template, 'tag', ARGV[2], 'updatedAt', ARGV[3])
redis.call('PEXPIRE', template, ARGV[4])
return 'done'
