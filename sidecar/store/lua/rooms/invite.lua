#!lua
-- PROTOCOL.md 5.9. Adds an invite to a conversation. The first invite makes the conversation a room. Deletes invites that cannot be
-- used any more.
-- KEYS  1 chat
-- ARGV  1 invite id  2 role  3 how long the invite can be used, ms  4 maximum number of uses
--       5 room id, used only if the conversation is not a room yet  6 the owner's name, used only if no name is stored yet; or ''
--       7 maximum number of usable invites, 0: any number  8 bell channel (ring.lua)  9 user id of the owner
-- Returns {'made', room id, when the invite expires (ms since 1970)}; {'full'} if there are too many usable invites; {} if there is
--   no such conversation.
local chat, id, lives, name, most = KEYS[1], ARGV[1], tonumber(ARGV[3]), ARGV[6], tonumber(ARGV[7])
local known = redis.call('HMGET', chat, 'createdAt', 'room', 'invites')
if not known[1] then return {} end
local now, usable = now_ms(), {}
for _, other in ipairs(ids_in(known[3])) do
  if usable_invite(chat, other, now) then usable[#usable + 1] = other else redis.call('HDEL', chat, 'i:' .. other) end
end
if most > 0 and #usable >= most then
  set_ids(chat, 'invites', usable)
  return {'full'}
end
local room = known[2] or ARGV[5]
redis.call('HSET', chat, 'room', room, 'i:' .. id, cjson.encode({
  role = ARGV[2], createdAt = now, expiresAt = now + lives, maxUses = tonumber(ARGV[4]), uses = 0, barred = ' ',
}))
usable[#usable + 1] = id
set_ids(chat, 'invites', usable)
if name ~= '' then redis.call('HSETNX', chat, 'ownerName', name) end
ring(chat, ARGV[8], 'members', ARGV[9])
return {'made', room, string.format('%.0f', now + lives)}
