#!lua flags=allow-oom
-- Deletes a conversation and returns, in the same step, the answers that it had. An answer that starts at the same
-- moment is therefore not overlooked.
-- KEYS  1 chat
-- Returns {stream it pointed at or '', a guest's address or '', id of an answer, …}, or {} if there is no such
--   conversation.
local chat = KEYS[1]
local known = redis.call('HMGET', chat, 'createdAt', 'stream', 'address', 'count')
if not known[1] then return {} end
local found = {known[2] or '', known[3] or ''}
for number = 1, tonumber(known[4] or 0) do
  local id = redis.call('HGET', chat, 'n:' .. number)
  local place = id and redis.call('HGET', chat, 't:' .. id)
  if place and string.sub(place, 1, 1) == 'a' then found[#found + 1] = id end
end
redis.call('UNLINK', chat)
return found
