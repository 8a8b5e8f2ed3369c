#!lua
-- Keeps the words of messages that were added without them, by an earlier version of Rejoin.
-- KEYS  1 chat
-- ARGV  message id, words, …
-- Returns the number of messages whose words were added.
local added = 0
for i = 1, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[1], 'm:' .. ARGV[i]) == 1 then
    added = added + redis.call('HSETNX', KEYS[1], 'w:' .. ARGV[i], ARGV[i + 1])
  end
end
return added
