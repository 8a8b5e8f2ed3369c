#!lua flags=allow-oom
-- Deletes a conversation with its queue, and returns the ids of its answers, including those that waited.
-- KEYS  1 chat  2 queue
-- Returns {stream it pointed at or '', a guest's network address or '', room id or '', id of an answer, …}, or {} if there is
--   no such conversation.
local chat, queue = KEYS[1], KEYS[2]
local known = redis.call('HMGET', chat, 'createdAt', 'stream', 'address', 'count', 'room')
if not known[1] then return {} end
local found = {known[2] or '', known[3] or '', known[5] or ''}
for _, id in ipairs(redis.call('LRANGE', queue, 0, -1)) do found[#found + 1] = id end
for number = 1, tonumber(known[4] or 0) do
  local id = redis.call('HGET', chat, 'n:' .. number)
  local place = id and redis.call('HGET', chat, 't:' .. id)
  if place and string.sub(place, 1, 1) == 'a' then found[#found + 1] = id end
end
ring(chat, bell_of(chat), 'all', owner_of(chat))
redis.call('UNLINK', chat, queue)
return found
