#!lua flags=allow-oom
-- Takes a person's role away. Works while Redis is full.
-- KEYS  1 chat
-- ARGV  1 user id of the member  2 '1' to also bar the member from all invites that exist now  3 bell channel (ring.lua)
--       4 user id of the person who removes the member
-- Returns 1, or 0 if there is no such member.
local chat, user = KEYS[1], ARGV[1]
if redis.call('HDEL', chat, 'u:' .. user) == 0 then return 0 end
if ARGV[2] == '1' then bar(chat, user) end
local rest = {}
for _, other in ipairs(ids_in(redis.call('HGET', chat, 'members'))) do
  if other ~= user then rest[#rest + 1] = other end
end
set_ids(chat, 'members', rest)
ring(chat, ARGV[3], 'members', ARGV[4])
return 1
