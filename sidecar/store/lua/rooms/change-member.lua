#!lua
-- Changes the role or the name of a member. If an editor becomes a viewer, the invites that exist now cannot make this person an
-- editor again.
-- KEYS  1 chat
-- ARGV  1 user id  2 new role or ''  3 new name or ''  4 '1' if guests may be editors
--       5 bell channel (ring.lua)  6 user id of the person who makes the change
-- Returns {changed member (JSON)}; {'guest'} if a guest would become an editor, but guests may not be editors; {} if there is no
--   such member.
local chat, user, role, name = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local kept = redis.call('HGET', chat, 'u:' .. user)
if not kept then return {} end
local member = cjson.decode(kept)
if role == 'editor' and member.guest and ARGV[4] ~= '1' then return {'guest'} end
if role == 'viewer' and member.role == 'editor' then bar(chat, user, 'editor') end
if role ~= '' then member.role = role end
if name ~= '' then member.name = name end
local changed = cjson.encode(member)
redis.call('HSET', chat, 'u:' .. user, changed)
ring(chat, ARGV[5], 'members', ARGV[6])
return {changed}
