#!lua flags=allow-oom
-- Puts a conversation into one of a person's lists. The list of pinned conversations is sorted by the time of pinning. Every other
-- list is sorted by the time of the latest change. If the conversation is already in the list with a later time, that time stays.
-- Works while Redis is full.
-- KEYS  1 list
--       2 the conversation (optional; not in a Cluster). If the conversation is passed, the script changes nothing unless the
--         conversation points at the stream in ARGV 4
-- ARGV  1 chat id  2 time, ms since 1970  3 ttl ms  4 stream id, only with KEYS 2
-- Returns 1 if the conversation was added to the list, else 0.
if KEYS[2] and redis.call('HGET', KEYS[2], 'stream') ~= ARGV[4] then return 0 end
local added = redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return added
