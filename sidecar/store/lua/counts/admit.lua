#!lua
-- PROTOCOL.md 12.4. Counts a stream that is about to be created for a person or for a network address. Refuses the stream if this
-- person or address has too many active streams, or has started too many streams within a period (the window). A stream that is
-- already counted is admitted again, but not counted twice.
-- KEYS  1 active streams (set)  2 starts (sorted set: stream id, scored with the time of its start)
-- ARGV  1 stream id  2 maximum number of active streams, 0: any number  3 maximum number of starts in a window, 0: any number
--       4 window ms  5 for how long a start counts as under way, ms  6 ttl ms of the set of active streams, 0: it never expires
--       7… ids of streams that have ended. These streams are removed from the set of active streams before anything is counted
-- Returns {'admitted'}; {'tooSoon', ms until the next start is allowed} if there were too many starts; {'full', …} if too many streams
--   are active. After 'full' come two values per active stream: its id, and 1 if its start is still under way, else 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 7, #ARGV do redis.call('SREM', KEYS[1], ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[4])

local max = tonumber(ARGV[2])
if max > 0 and redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 and redis.call('SCARD', KEYS[1]) >= max then
  local answer = {'full'}
  for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    local begun = redis.call('ZSCORE', KEYS[2], id)
    answer[#answer + 1] = id
    answer[#answer + 1] = begun and now - begun < tonumber(ARGV[5]) and 1 or 0
  end
  return answer
end

local starts = tonumber(ARGV[3])
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  if starts > 0 and redis.call('ZCARD', KEYS[2]) >= starts then
    local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
    return {'tooSoon', first[2] + ARGV[4] - now}
  end
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
if max > 0 then
  redis.call('SADD', KEYS[1], ARGV[1])
  if ARGV[6] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
end
return {'admitted'}
