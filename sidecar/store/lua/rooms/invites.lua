#!lua flags=no-writes
-- Reads those invites of a conversation that have not expired and are not used up.
-- KEYS  1 chat
-- Returns {1, invite id, invite (JSON), …}, the oldest first; {} if there is no such conversation.
local chat = KEYS[1]
local known = redis.call('HMGET', chat, 'createdAt', 'invites')
if not known[1] then return {} end
local found, now = {1}, now_ms()
for _, id in ipairs(ids_in(known[2])) do
  local invite = usable_invite(chat, id, now)
  if invite then
    found[#found + 1] = id
    found[#found + 1] = cjson.encode(invite)
  end
end
return found
