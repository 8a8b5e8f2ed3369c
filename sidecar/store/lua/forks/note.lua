#!lua
-- PROTOCOL.md 5.6. Notes, in the conversation that was copied, that a fork was made at one of its messages.
-- KEYS  1 the conversation that was copied
-- ARGV  1 message id  2 id of the fork  3 how many forks of one message are noted; if there are more, the oldest are forgotten
-- Returns 1, or 0 when there is no such conversation.
local chat, field, fork, most = KEYS[1], 'k:' .. ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('HEXISTS', chat, 'createdAt') == 0 then return 0 end
local known = {}
for id in string.gmatch(redis.call('HGET', chat, field) or '', '%S+') do
  if id == fork then return 1 end
  known[#known + 1] = id
end
known[#known + 1] = fork
redis.call('HSET', chat, field, table.concat(known, ' ', math.max(1, #known - most + 1)))
ring(chat, bell_of(chat), 'branches', owner_of(chat))
return 1
