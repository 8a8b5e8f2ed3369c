#!lua flags=allow-oom
-- Revokes one invite or all invites of a conversation. Works while Redis is full.
-- KEYS  1 chat
-- ARGV  1 invite id, or '' for all  2 bell channel (ring.lua)  3 user id of the owner
-- Returns the number of invites that were revoked; -1 if there is no such conversation.
local chat = KEYS[1]
local known = redis.call('HMGET', chat, 'createdAt', 'invites')
if not known[1] then return -1 end
local revoked = 0
for _, id in ipairs(ids_in(known[2])) do
  if ARGV[1] == '' or ARGV[1] == id then revoked = revoked + drop_invite(chat, id) end
end
if revoked > 0 then ring(chat, ARGV[2], 'members', ARGV[3]) end
return revoked
