#!lua flags=no-writes
-- Reads the queue of a conversation.
-- KEYS  1 chat  2 queue
-- ARGV  1 '1' to read also the questions, their authors, and the said messages that wait (place-said.lua)
-- Returns {stream it points at or '', 1 if the queue is paused, 0 otherwise, interrupted stream or '', {packed said message,
--   …}, message id, facts, packed question or '', author (JSON) or '', …} in the order of the queue, facts as in enqueue.lua; {}
--   if there is no such conversation.
local chat, queue = KEYS[1], KEYS[2]
local known = redis.call('HMGET', chat, 'createdAt', 'stream', 'paused', 'interrupted', 'said')
if not known[1] then return {} end
local said = {}
if ARGV[1] == '1' and known[5] then
  for id in string.gmatch(known[5], '(%S+)') do said[#said + 1] = redis.call('HGET', chat, 'sm:' .. id) or nil end
end
local found = {known[2] or '', known[3] and 1 or 0, known[4] or '', said}
for _, id in ipairs(redis.call('LRANGE', queue, 0, -1)) do
  found[#found + 1] = id
  found[#found + 1] = redis.call('HGET', chat, 'q:' .. id) or ''
  found[#found + 1] = ARGV[1] == '1' and redis.call('HGET', chat, 'qm:' .. id) or ''
  found[#found + 1] = ARGV[1] == '1' and redis.call('HGET', chat, 'qb:' .. id) or ''
end
return found
