#!lua
-- Adds the field w:<id>, the words of a message, to messages for which an older release of Rejoin stored no words.
-- KEYS  1 chat
-- ARGV  message id, words, …
-- Returns the number of messages whose words were added.
local added = 0
for i = 1, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[1], 'm:' .. ARGV[i]) == 1 then
    local is_new = redis.call('HSETNX', KEYS[1], 'w:' .. ARGV[i], ARGV[i + 1])
    if is_new == 1 then redis.call('HINCRBY', KEYS[1], 'bytes', #ARGV[i + 1]) end
    added = added + is_new
  end
end
return added
