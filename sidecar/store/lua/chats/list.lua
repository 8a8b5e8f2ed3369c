#!lua flags=allow-oom
-- Puts a conversation into one of a person's lists. A list is sorted by the time of the latest change; the list of pinned
-- conversations, by the time of pinning. If the conversation is in the list already, its time is raised, but never lowered.
-- Works while Redis is full.
-- KEYS  1 list
-- ARGV  1 chat id  2 time, ms since 1970  3 ttl ms
-- Returns 1 if the conversation was not in the list yet, else 0.
local added = redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return added
