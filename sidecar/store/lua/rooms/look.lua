#!lua flags=no-writes
-- Reads the facts that a person with an invite sees before joining the room.
-- KEYS  1 chat
-- ARGV  1 invite id  2 user id of the person  3 user id of the owner
-- Returns {state, role of the invite, when the invite expires (ms since 1970), title, owner's name, number of messages, number of
--   members, room id}; state: 'open', or 'joined' if the person is a member or the owner of the room. If the state is 'joined' and
--   nobody can use the invite any more, the role is the person's own role ('editor' for the owner), and the expiry is 0.
-- Returns {'over'} if the person is neither a member nor the owner, and cannot use the invite.
local chat, id, user, owner = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('HMGET', chat, 'createdAt', 'room', 'title', 'ownerName', 'count', 'members', 'u:' .. user)
if not known[1] or not known[2] then return {'over'} end
local is_in = user == owner or known[7]
local invite = usable_invite(chat, id, now_ms())
if not is_in and (not invite or is_barred(invite, user)) then return {'over'} end
local role = invite and invite.role or known[7] and cjson.decode(known[7]).role or 'editor'
return {is_in and 'joined' or 'open', role, string.format('%.0f', invite and invite.expiresAt or 0), known[3] or '',
  known[4] or '', tonumber(known[5] or 0), #ids_in(known[6]), known[2]}
