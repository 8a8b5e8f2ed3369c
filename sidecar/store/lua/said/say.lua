#!lua
-- PROTOCOL.md 5.10. Adds a said message to a conversation: a person's message that asks for no answer. A said message that follows an
-- answer that is being written waits until this answer has ended (place-said.lua).
-- KEYS  1 chat  2 queue
-- ARGV  1 user id of the member who writes the message, or '' if the owner writes it  2 message id
--       3 the message that the new message follows: an id, '/' for none, or '>'. '>' is the answer that is being written. If no
--         answer is being written, '>' is the newest message
--       4 characters  5 bytes  6 packed message  7 words  8 time (ISO 8601)  9 ttl ms
--       10 maximum number of messages, 0: any number
-- Returns {'said' or 'waits', time of the last change, 1 or '' (is the chat temporary), id of the room or ''} if the message was
--   stored. All other results mean that nothing was changed:
--   {'known', packed message}   an earlier call stored the message
--   {'full'}        the chat would have too many messages
--   {'elsewhere'}   the message that the new message is to follow does not exist
--   {'taken'}       a turn that waits in the queue has this id for its question or its answer
--   {'gone'}        there is no such conversation
--   {'no-role'}, {'small-role'}   the member may not write
local chat, queue, member, id, parent = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local refusal = refusal_of(chat, member, 'editor')
if refusal then return {refusal} end
local known = redis.call('HMGET', chat, 'createdAt', 'stream', 'count', 'said', 'newest', 'temporary', 'm:' .. id, 'sm:' .. id)
if not known[1] then return {'gone'} end
if known[7] or known[8] then return {'known', known[7] or known[8]} end

local order = redis.call('LRANGE', queue, 0, -1)
for _, turn in ipairs(order) do
  local question = string.match(redis.call('HGET', chat, 'q:' .. turn) or '', '^%S+ (%S+) ')
  if question == id or turn == id then return {'taken'} end
end
local most = tonumber(ARGV[10])
local waiting = 0
for _ in string.gmatch(known[4] or '', '(%S+)') do waiting = waiting + 1 end
local coming = 1 + waiting + (known[2] and 1 or 0) + 2 * #order
if most > 0 and tonumber(known[3] or 0) + coming > most then return {'full'} end

-- A message that follows a waiting message waits, too.
if parent ~= '/' and redis.call('HEXISTS', chat, 'sf:' .. parent) == 1 then parent = '>' end
local what = 'said'
if parent == '>' and known[2] then
  what = 'waits'
  redis.call('HSET', chat, 'said', (known[4] and known[4] .. ' ' or '') .. id, 'sm:' .. id, ARGV[6], 'sw:' .. id, ARGV[7],
    'sf:' .. id, ARGV[4] .. ' ' .. ARGV[5])
else
  if parent == '>' then parent = known[5] or '' elseif parent == '/' then parent = '' end
  if parent ~= '' and redis.call('HEXISTS', chat, 't:' .. parent) == 0 then return {'elsewhere'} end
  add_message(chat, id, 'u', parent, ARGV[4], ARGV[5], ARGV[6], ARGV[7])
end
redis.call('HSET', chat, 'updatedAt', ARGV[8])
redis.call('HDEL', chat, 'archivedAt')
if not known[6] then redis.call('PEXPIRE', chat, ARGV[9]) end
ring(chat, bell_of(chat), 'turn', member ~= '' and member or owner_of(chat))
return {what, ARGV[8], known[6] or '', redis.call('HGET', chat, 'room') or ''}
