#!lua flags=allow-oom
-- PROTOCOL.md 8.7. Notes streams that have ended, so that their logs are packed. A stream that is noted already keeps its time.
-- KEYS  1 ended streams
-- ARGV  1 ms until they are packed  2 ttl ms of the set  3… streams
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
for i = 3, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then redis.call('ZADD', KEYS[1], due, ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
