#!lua
-- Upgrades a conversation that an older release of Rejoin stored. That release stored only the field m:<id> of each message. This
-- script adds the other fields (add-message.lua).
-- KEYS  1 chat
-- ARGV  per message, a parent before its children: id, role letter, parent id or '', characters, bytes, packed message,
--       words
-- Returns 1, or 0 if the conversation is upgraded already or does not exist.
local chat = KEYS[1]
local known = redis.call('HMGET', chat, 'createdAt', 'format')
if not known[1] or known[2] then return 0 end
for i = 1, #ARGV, 7 do
  redis.call('HDEL', chat, 'm:' .. ARGV[i])
  add_message(chat, ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
end
redis.call('HSET', chat, 'format', 2)
return 1
