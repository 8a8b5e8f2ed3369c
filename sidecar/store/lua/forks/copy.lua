#!lua
-- PROTOCOL.md 5.6. A fork is a new conversation that begins with the messages that lead to one message of another conversation. An
-- unfinished fork is called a copy. This script adds messages to a copy. Until finish.lua makes the copy a conversation, the copy has
-- no `createdAt`, so other scripts do not take the copy for a conversation.
-- KEYS  1 the copy
-- ARGV  1 the origin of the copy (JSON)  2 ttl ms
--       3 number of messages that the copy must already have. If the copy has fewer messages, it has expired since the previous
--         call, and nothing is added
--       4… per message, a parent before its children: id, role letter, parent id or '', characters, bytes, packed message,
--       words (add-message.lua)
-- Returns {what, origin of the copy or fork with this id (JSON), how many messages the copy or fork has}. what:
--   1 the messages were added, or the copy had fewer messages than ARGV 3 and nothing was added
--   2 nothing was added, because the copy with this id has another origin
--   3 nothing was added, because the fork with this id is finished
--   0 nothing was added, because the conversation with this id is not a fork
local chat, origin = KEYS[1], ARGV[1]
local known = redis.call('HMGET', chat, 'createdAt', 'fork', 'copying', 'count')
local count = tonumber(known[4] or 0)
if known[1] then return {known[2] and 3 or 0, known[2] or '', count} end
if known[3] and known[3] ~= origin then return {2, known[3], count} end
if count < tonumber(ARGV[3]) then return {1, origin, count} end
redis.call('HSET', chat, 'copying', origin)
for i = 4, #ARGV, 7 do
  add_message(chat, ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
end
redis.call('PEXPIRE', chat, ARGV[2])
return {1, origin, tonumber(redis.call('HGET', chat, 'count') or 0)}
