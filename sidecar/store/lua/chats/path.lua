#!lua flags=no-writes
-- Reads the sizes of a message and of the messages above it, up to the first message of the conversation or until the sum of
-- their characters exceeds a maximum.
-- KEYS  1 chat
-- ARGV  1 message id  2 maximum number of characters
-- Returns {id, role letter, characters, depth, bytes, …}: five values for each message, beginning with the given message. If the
--   maximum is exceeded, the last message is the one with which the sum exceeds it.
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
