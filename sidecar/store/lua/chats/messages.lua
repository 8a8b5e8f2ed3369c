#!lua flags=no-writes
-- Reads one page of the messages of a conversation. Messages are numbered from 1 in the order in which they were added, and are
-- returned in this order.
-- KEYS  1 chat
-- ARGV  1 the number of the last message of the previous page, 0 for the first page  2 how many messages the page may have
--       3 how many bytes the page may have; a first message that is larger is returned anyway
-- Returns {number of the last message of this page, how many messages the chat has, …}. After these come two values per message: the
--   packed message (message-codec.ts), and its parent id or ''.
local chat, number, most, most_bytes = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local count = tonumber(redis.call('HGET', chat, 'count') or 0)
local found, bytes = {}, 0
while number < count and #found < 2 * most do
  local id = redis.call('HGET', chat, 'n:' .. (number + 1))
  local packed = redis.call('HGET', chat, 'm:' .. id)
  local place = redis.call('HGET', chat, 't:' .. id) or ''
  local size = tonumber(string.match(place, '(%d+)$') or 0)
  if packed and #found > 0 and bytes + size > most_bytes then break end
  bytes = bytes + size
  if packed then
    found[#found + 1] = packed
    found[#found + 1] = string.match(place, '^%l(%S*)') or ''
  end
  number = number + 1
end
return {number, count, unpack(found)}
