#!lua flags=allow-oom
-- Deletes a conversation and its queue.
-- KEYS  1 chat  2 queue
-- Returns {stream that the conversation pointed at or '', network address of the guest who began the conversation or '', room id
--   or '', message id of each answer, …}, or {} if there is no such conversation. The ids of the answers of turns that waited in the
--   queue are included.
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
