#!lua
-- PROTOCOL.md 5.4. Points a conversation at a new stream, and stores the person's messages in the same step. Changes nothing if the
-- conversation points at another stream than the caller expects.
-- KEYS  1 chat  2… sorted sets `held` (hold.lua). Each must have an entry that reserves space for the new stream
-- ARGV  1 the stream that the caller expects, or '' for none  2 the new stream  3 time (ISO 8601)  4 ttl ms
--       5 title for a new conversation
--       6 '1' to set the instructions  7 instructions  8 maximum number of messages, 0: any number
--       9 network address of the guest who asks, or ''
--       10 ttl ms if a new conversation is to be temporary, or ''  11 words of the title
--       12 '1' to refuse if another question already follows the parent of the first message in ARGV
--       13 user id of the member who asks, or '' if the owner asks
--       14… per message: id, role letter, parent id or '', characters, bytes, packed message, words (add-message.lua)
-- Returns {what, stream that the conversation points at, bytes of the chat}. With what = 3, 5 and 6 the stream is '' and the bytes
-- are 0; with 7 the bytes are 0. what:
--   1 the conversation points at the new stream. A repeated call only postpones the expiry
--   All other values mean that nothing was changed:
--   0 the conversation points neither at the stream that the caller expects nor at the new stream
--   2 the conversation would have too many messages
--   3 the conversation is a fork that is still being copied
--   4 another question follows the parent (ARGV 12)
--   5 the member has no role (any more)
--   6 the role of the member does not suffice
--   7 there is no space reserved for the new stream
local chat, seen, stream, time, ttl = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local title, sets_instructions, instructions = ARGV[5], ARGV[6] == '1', ARGV[7]
local most, address, temporary, title_words, first = tonumber(ARGV[8]), ARGV[9], ARGV[10], ARGV[11], 14
local refusal = refusal_of(chat, ARGV[13], 'editor')
if refusal then return {refusal == 'no-role' and 5 or 6, '', 0} end
for i = 2, #KEYS do
  if not redis.call('ZSCORE', KEYS[i], 's' .. stream) then return {7, redis.call('HGET', chat, 'stream') or '', 0} end
end
local known = redis.call('HMGET', chat, 'stream', 'count', 'bytes', 'createdAt', 'temporary')
if not known[4] and redis.call('HEXISTS', chat, 'copying') == 1 then return {3, '', 0} end
local begins_temporary = not known[4] and temporary ~= ''
local now = known[1] or ''
if now ~= seen and now ~= stream then return {0, now, tonumber(known[3] or 0)} end
if now ~= stream then
  -- The answer will be one more message.
  local added = (#ARGV - first + 1) / 7 + 1
  if most > 0 and tonumber(known[2] or 0) + added > most then return {2, now, tonumber(known[3] or 0)} end
  if ARGV[12] == '1' and ARGV[first] then
    for role, id in string.gmatch(redis.call('HGET', chat, 'c:' .. ARGV[first + 2]) or '', '(%l)(%S+)') do
      if role == 'u' and id ~= ARGV[first] then return {4, now, tonumber(known[3] or 0)} end
    end
  end
  redis.call('HSET', chat, 'stream', stream, 'streamAt', time, 'updatedAt', time)
  redis.call('HSETNX', chat, 'createdAt', time)
  if redis.call('HSETNX', chat, 'title', title) == 1 then redis.call('HSET', chat, 'words', title_words) end
  redis.call('HSETNX', chat, 'format', 2)
  redis.call('HDEL', chat, 'archivedAt')
  if begins_temporary then redis.call('HSET', chat, 'temporary', 1) end
  if address ~= '' then redis.call('HSETNX', chat, 'address', address) end
  if sets_instructions then redis.call('HSET', chat, 'instructions', instructions) end
  for i = first, #ARGV, 7 do
    add_message(chat, ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
  end
  ring(chat, bell_of(chat), 'turn', ARGV[13] ~= '' and ARGV[13] or owner_of(chat))
end
-- Later changes do not postpone the expiry of a temporary conversation.
if begins_temporary then
  redis.call('PEXPIRE', chat, temporary)
elseif not known[5] then
  redis.call('PEXPIRE', chat, ttl)
end
return {1, stream, tonumber(redis.call('HGET', chat, 'bytes') or 0)}
