#!lua flags=no-writes
-- Reads all members of a conversation.
-- KEYS  1 chat
-- Returns {when the conversation was created, room id or '', the owner's name or '', user id, member (JSON), …}, or {} if there is no
--   such conversation. The members are in the order in which they joined.
local chat = KEYS[1]
local known = redis.call('HMGET', chat, 'createdAt', 'room', 'ownerName', 'members')
if not known[1] then return {} end
local found = {known[1], known[2] or '', known[3] or ''}
for _, user in ipairs(ids_in(known[4])) do
  found[#found + 1] = user
  found[#found + 1] = redis.call('HGET', chat, 'u:' .. user) or '{}'
end
return found
