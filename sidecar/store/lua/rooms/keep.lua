#!lua
-- Writes a key and gives it its lifetime in one step: a process that dies between the two would leave a key for ever.
-- KEYS  1 key
-- ARGV  1 ttl ms  2 command  3… its arguments after the key
redis.call(ARGV[2], KEYS[1], unpack(ARGV, 3))
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
