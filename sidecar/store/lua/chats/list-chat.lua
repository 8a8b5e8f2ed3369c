#!lua
-- Puts a conversation into a person's list, or to the place of its latest change, and keeps the list for as long as its
-- conversations. Both in one step: otherwise a process that dies between the two leaves a list without a lifetime.
-- KEYS  1 list (sorted set: chat id, scored with the time of its last change)
-- ARGV  1 chat id  2 time of the change, ms  3 ttl ms
-- Returns 1.
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
