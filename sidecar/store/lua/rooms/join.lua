#!lua
-- PROTOCOL.md 5.9. Makes a person with an invite a member of a room, and counts the use of the invite, in one step. If the person is
-- a member already, nothing is changed.
-- A member is kept in the field u:<user id> as JSON: {role, name, since, by: invite id, guest}. The field `members` has the user ids
-- of all members, divided by spaces, in the order in which the members joined.
-- KEYS  1 chat
-- ARGV  1 invite id  2 user id  3 name  4 time (ISO 8601)  5 maximum number of members, 0: any number  6 '1' for a guest
--       7 '1': the person becomes a viewer, whatever role the invite gives  8 bell channel (ring.lua)  9 user id of the owner
-- Returns {what, role, room id}; what: 'joined', or 'again' if the person is already a member, or is the owner. Returns {'over'} if
--   the person cannot use the invite, {'full'} if the room already has the maximum number of members.
local chat, id, user, name, time, most = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local known = redis.call('HMGET', chat, 'createdAt', 'room', 'members', 'u:' .. user)
if not known[1] or not known[2] then return {'over'} end
if user == ARGV[9] then return {'again', 'owner', known[2]} end
if known[4] then return {'again', cjson.decode(known[4]).role, known[2]} end
local invite = usable_invite(chat, id, now_ms())
if not invite or is_barred(invite, user) then return {'over'} end
local members = ids_in(known[3])
if most > 0 and #members >= most then return {'full'} end

invite.uses = invite.uses + 1
if invite.uses >= invite.maxUses then drop_invite(chat, id)
else redis.call('HSET', chat, 'i:' .. id, cjson.encode(invite)) end
local role = ARGV[7] == '1' and 'viewer' or invite.role
members[#members + 1] = user
set_ids(chat, 'members', members)
redis.call('HSET', chat, 'u:' .. user,
  cjson.encode({role = role, name = name, since = time, by = id, guest = ARGV[6] == '1' or nil}))
ring(chat, ARGV[8], 'members', user)
return {'joined', role, known[2]}
