#!lua flags=no-writes
-- Reads the queue of a conversation.
-- KEYS  1 chat  2 queue
-- ARGV  1 '1' to also read the questions, their authors, and the said messages that wait. A said message is a person's message that
--         asks for no answer (said/place-said.lua)
-- Returns {stream, isPaused, interrupted, said, turns…}, or {} if there is no such conversation:
--   stream        the stream that the conversation points at, or ''
--   isPaused      1 if the queue is paused, else 0
--   interrupted   the value of the field `interrupted` (change-queue.lua), or ''
--   said          a list of the said messages that wait, packed (message-codec.ts); empty unless ARGV 1 is '1'
--   turns…        for each turn, in the order of the queue, five values: the message id of its answer, the turn's fields q:, qm: and
--                 qb: (enqueue.lua), and the message to whose branch the question belongs now (branch-end.lua). A missing value is ''.
--                 Unless ARGV 1 is '1', the last three are always ''
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
  local facts = redis.call('HGET', chat, 'q:' .. id) or ''
  found[#found + 1] = facts
  found[#found + 1] = ARGV[1] == '1' and redis.call('HGET', chat, 'qm:' .. id) or ''
  found[#found + 1] = ARGV[1] == '1' and redis.call('HGET', chat, 'qb:' .. id) or ''
  local count, named = string.match(facts, '^%S+ %S+ >(%d*)/(%S+) ')
  found[#found + 1] = ARGV[1] == '1' and named and newest_version(chat, named, tonumber(count)) or ''
end
return found
