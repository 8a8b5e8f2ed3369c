#!lua flags=no-writes
-- Reads one page of the messages of a conversation. The messages are in the order in which they were added.
-- KEYS  1 chat
-- ARGV  1 the number of the last message already read, 0 at first  2 maximum number of messages  3 maximum number of bytes;
--       the first message is returned even if it is larger
-- Returns {number of the last message in this page, number of messages in the chat, packed message, parent id or '', …}.
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
