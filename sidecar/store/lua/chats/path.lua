#!lua flags=no-writes
-- Reads the sizes of a message and its ancestors. Begins with the message, and goes on from each message to its parent. Ends after
-- a message without a parent, or after the message with which the sum of the characters exceeds a maximum.
-- KEYS  1 chat
-- ARGV  1 message id  2 maximum number of characters
-- Returns {id, role letter, characters, depth, bytes, …}: five values for each message. The depth of a message without a parent
--   is 1.
local chat, at, left = KEYS[1], ARGV[1], tonumber(ARGV[2])
local found, seen = {}, {}
while at ~= '' and not seen[at] and left >= 0 do
  local place = redis.call('HGET', chat, 't:' .. at)
  if not place then break end
  seen[at] = true
  local role, parent, depth, chars, bytes = string.match(place, '^(%l)(%S*) (%d+) (%d+) (%d+)$')
  found[#found + 1] = at
  found[#found + 1] = role
  found[#found + 1] = tonumber(chars)
  found[#found + 1] = tonumber(depth)
  found[#found + 1] = tonumber(bytes)
  left = left - chars
  at = parent
end
return found
