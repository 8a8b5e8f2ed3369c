#!lua flags=allow-oom
-- Takes a lock if nobody has it, or extends it. This is a script with the flag allow-oom, because a full Redis
-- refuses a plain SET.
-- KEYS  1 lock
-- ARGV  1 random value of the caller  2 ttl ms  3 'take', or 'keep' to extend the lock if the caller still has it
-- Returns 1 when the caller has the lock now, else 0.
if ARGV[3] == 'keep' then
  return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0
end
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
return 1
