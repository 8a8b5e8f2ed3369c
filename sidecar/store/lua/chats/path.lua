#!lua flags=no-writes
-- Returns the sizes of the messages that lead to one message, from it upwards, until their sum exceeds a number of
-- characters.
-- KEYS  1 chat
-- ARGV  1 message id  2 characters
-- Returns {id, role letter, characters, depth, bytes, …}. The last message may be one that does not fit any more.
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
