#!lua flags=allow-oom
-- Puts a conversation into a person's list, or moves it to the place of its latest change. Works while Redis is full.
-- KEYS  1 list
-- ARGV  1 chat id  2 time of the change, ms  3 ttl ms
-- Returns 1 when it was not in the list yet, else 0.
local added = redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return added
