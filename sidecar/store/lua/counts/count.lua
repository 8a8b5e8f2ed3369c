#!lua
-- Adds a batch of counts from one sidecar to the counts of an hour. Each count is a sum or a maximum. A batch that is repeated after a
-- lost reply changes nothing.
-- KEYS  1 the counts of the hour
-- ARGV  1 ttl ms  2 the sidecar's id  3 the number of this batch, higher than the number of the sidecar's previous batch
--       4 number of sums  5… name, amount for each sum, then name, value for each maximum
-- Returns 1, or 0 if this batch was counted before.
local mark = '@' .. ARGV[2]
if tonumber(redis.call('HGET', KEYS[1], mark) or '0') >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], mark, ARGV[3])
local sums_end = 4 + 2 * ARGV[4]
for i = 5, sums_end, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = sums_end + 1, #ARGV, 2 do
  if tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or '0') < tonumber(ARGV[i + 1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
