#!lua flags=allow-oom
-- Puts a conversation into one of a person's lists. The list of pinned conversations is sorted by the time of pinning. Every other
-- list is sorted by the time of the latest change. The time of a conversation that is in the list already is never made earlier.
-- Works while Redis is full.
-- KEYS  1 list
-- ARGV  1 chat id  2 time, ms since 1970  3 ttl ms
-- Returns 1 if the conversation was not in the list yet, else 0.
local added = redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return added
