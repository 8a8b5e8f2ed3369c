#!lua
-- Changes fields of an existing conversation.
-- KEYS  1 chat
-- ARGV  1 how many fields to set  2… field, value for each field to set, then the fields to remove
-- Returns the fields {updatedAt, temporary, archivedAt} of the conversation, '' for a field that is not set. Returns {} if there is
--   no such conversation.
local chat, first = KEYS[1], 2 + 2 * tonumber(ARGV[1])
if redis.call('HEXISTS', chat, 'createdAt') == 0 then return {} end
for i = 2, first - 1, 2 do redis.call('HSET', chat, ARGV[i], ARGV[i + 1]) end
for i = first, #ARGV do redis.call('HDEL', chat, ARGV[i]) end
-- The fields that members see, and for each field the kind of change that ring() reports.
local SEEN = {title = 'title', instructions = 'title', ownerName = 'members', viewersFork = 'members'}
local what
for i = 2, first - 1, 2 do what = what or SEEN[ARGV[i]] end
for i = first, #ARGV do what = what or SEEN[ARGV[i]] end
if what then ring(chat, bell_of(chat), what, owner_of(chat)) end
local now = redis.call('HMGET', chat, 'updatedAt', 'temporary', 'archivedAt')
return {now[1] or '', now[2] or '', now[3] or ''}
