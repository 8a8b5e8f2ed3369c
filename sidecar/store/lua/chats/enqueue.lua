#!lua
-- PROTOCOL.md 5.8. Puts a turn into the queue of a conversation in which an answer is being written. A turn is a question and the
-- answer to be written. A turn is identified by the message id of its answer.
-- The queue is a list with the message ids of the waiting turns. The chat's hash has the following fields for each turn, until the
-- turn is chosen (settle.lua) or removed (change-queue.lua):
--   q:<message id>    `<stream> <question id> <after> <characters> <bytes> <fingerprint> <time> <model>`
--                     `after` is the message that the question follows: an id, '/' for none, '>' for the message that is the
--                     newest when the turn is chosen, or '><count>/<id>' for the end of the branch of the message <id>. <count> is
--                     a number or empty (branch-end.lua). `fingerprint` identifies the request, so that a repetition is recognized
--   qm:<message id>   the question as a packed message (message-codec.ts) without its parent; absent if the question is a message of
--                     the chat already
--   qw:<message id>   the words of the question, for searches; absent if qm:<message id> is absent
--   qa:<message id>   user id of the member who asks; absent if the owner asks
--   qb:<message id>   user id and name of the person who asks, as JSON; absent in a conversation without a room
-- KEYS  1 chat  2 queue
-- ARGV  1 message id  2 stream id  3 facts: the value of q:<message id>  4 packed question or ''  5 words of the question
--       6 '1' to set the instructions  7 instructions  8 maximum number of turns that wait, 0: any number
--       9 maximum number of messages, 0: any number  10 ttl ms
--       11 '1' to put the turn at the front, and to set the field `interrupted` (settle.lua) to the stream that the conversation
--         points at
--       12 user id of the member who asks, or '' if the owner asks  13 the value of qb:<message id>, or ''
-- Returns {what, place, facts, interrupted stream or ''}. what:
--   'queued'    the turn waits. If an earlier call queued the turn, `facts` are those that the earlier call stored
--   'chosen'    the turn has been chosen already: the conversation points at the turn's stream
--   'idle'      no answer is being written, so the turn was not queued
--   'full'      too many turns wait
--   'crowded'   the conversation would have too many messages
--   'gone'      there is no such conversation
--   'no-role', 'small-role'   the member may not ask
local chat, queue = KEYS[1], KEYS[2]
local id, stream, facts, packed, words = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local sets_instructions, instructions, most, most_messages = ARGV[6] == '1', ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local ttl, interrupts = ARGV[10], ARGV[11] == '1'

local refusal = refusal_of(chat, ARGV[12], 'editor')
if refusal then return {refusal} end
local known = redis.call('HMGET', chat, 'createdAt', 'stream', 'count', 'temporary', 'q:' .. id, 'said')
if not known[1] then return {'gone'} end
if known[2] == stream then return {'chosen', 0, ''} end

local order = redis.call('LRANGE', queue, 0, -1)
for place, turn in ipairs(order) do
  if turn == id then return {'queued', place, known[5] or '', redis.call('HGET', chat, 'interrupted') or ''} end
end
if not known[2] then return {'idle'} end
if most > 0 and #order >= most then return {'full', #order} end
-- The chat will get two messages for each turn that waits, two for this turn, one for the answer that is being written, and one for
-- each said message that waits for the end of that answer (place-said.lua).
local said = 0
for _ in string.gmatch(known[6] or '', '(%S+)') do said = said + 1 end
if most_messages > 0 and tonumber(known[3] or 0) + said + 2 * #order + 3 > most_messages then return {'crowded'} end

redis.call('HSET', chat, 'q:' .. id, facts)
if ARGV[12] ~= '' then redis.call('HSET', chat, 'qa:' .. id, ARGV[12]) end
if ARGV[13] ~= '' then redis.call('HSET', chat, 'qb:' .. id, ARGV[13]) end
if packed ~= '' then redis.call('HSET', chat, 'qm:' .. id, packed, 'qw:' .. id, words) end
if sets_instructions then redis.call('HSET', chat, 'instructions', instructions) end
redis.call('HDEL', chat, 'archivedAt')
if interrupts then
  redis.call('LPUSH', queue, id)
  redis.call('HSET', chat, 'interrupted', known[2])
else
  redis.call('RPUSH', queue, id)
end
if not known[4] then redis.call('PEXPIRE', chat, ttl) end
redis.call('PEXPIRE', queue, redis.call('PTTL', chat))
ring(chat, bell_of(chat), 'queue', ARGV[12] ~= '' and ARGV[12] or owner_of(chat))
return {'queued', interrupts and 1 or #order + 1, facts, interrupts and known[2] or ''}
