#!lua
-- PROTOCOL.md 5.6. Converts a copy that has all its messages (copy.lua) into a conversation.
-- KEYS  1 the copy
-- ARGV  1 the origin of the copy (JSON)  2 number of messages that the copy must have  3 time (ISO 8601)  4 ttl ms  5 title
--       6 words of the title  7 instructions  8 network address of the guest who makes the fork, or ''
--       9 '1' if the conversation is temporary, or ''
-- Returns {what, bytes of the chat}. what:
--   1 the copy is a conversation now
--   2 the copy became a conversation in an earlier call
--   0 the copy is gone, is not complete or has another origin, or another chat has this id
local chat, origin, time = KEYS[1], ARGV[1], ARGV[3]
local known = redis.call('HMGET', chat, 'createdAt', 'fork', 'copying', 'count', 'bytes')
local bytes = tonumber(known[5] or 0)
if known[1] then return {known[2] == origin and 2 or 0, bytes} end
if known[3] ~= origin or known[4] ~= ARGV[2] then return {0, bytes} end
redis.call('HDEL', chat, 'copying')
redis.call('HSET', chat, 'fork', origin, 'createdAt', time, 'updatedAt', time, 'title', ARGV[5], 'words', ARGV[6],
  'format', 2)
if ARGV[7] ~= '' then redis.call('HSET', chat, 'instructions', ARGV[7]) end
if ARGV[8] ~= '' then redis.call('HSET', chat, 'address', ARGV[8]) end
if ARGV[9] ~= '' then redis.call('HSET', chat, 'temporary', 1) end
redis.call('PEXPIRE', chat, ARGV[4])
return {1, bytes}
