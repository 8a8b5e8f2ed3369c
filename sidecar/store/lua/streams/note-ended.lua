#!lua flags=allow-oom
-- PROTOCOL.md 8.7. Notes streams that have ended, each with the time at which its log is to be packed. If an earlier call noted a
-- stream, the time of this stream is not changed.
-- KEYS  1 ended streams
-- ARGV  1 time until the logs are to be packed (ms)  2 ttl of the set (ms)  3… streams
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
for i = 3, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then redis.call('ZADD', KEYS[1], due, ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
