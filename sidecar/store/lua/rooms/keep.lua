#!lua
-- Writes a key and sets its expiry in one step, so that no process can die in between and leave a key that never expires.
-- KEYS  1 key
-- ARGV  1 ttl ms  2 command  3… its arguments after the key
redis.call(ARGV[2], KEYS[1], unpack(ARGV, 3))
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
