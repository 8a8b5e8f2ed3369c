#!lua flags=allow-oom
-- PROTOCOL.md 6.4. Reads the state of many followed streams in one call, in case a notification was missed. Also notes that
-- the streams are followed: for at least half of the time in ARGV 1, appends to the streams send notifications.
-- KEYS  per stream: log, meta
-- ARGV  1 for how many ms from now notifications are to be sent
-- Returns per stream four values: status ('' when gone), length, base, lease left in ms.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local results = {}
for i = 1, #KEYS, 2 do
  local meta = redis.call('HMGET', KEYS[i + 1], 'status', 'base', 'lease', 'length', 'followed')
  local status = meta[1]
  if not status or status == 'deleted' then
    results[#results + 1] = ''
    results[#results + 1] = 0
    results[#results + 1] = 0
    results[#results + 1] = 0
  else
    local may_append = status == 'active' or status == 'sealed' or status == 'queued'
    if may_append and tonumber(meta[5] or 0) < now + ARGV[1] / 2 then redis.call('HSET', KEYS[i + 1], 'followed', now + ARGV[1]) end
    results[#results + 1] = status
    results[#results + 1] = tonumber(meta[4]) or redis.call('STRLEN', KEYS[i])
    results[#results + 1] = tonumber(meta[2])
    results[#results + 1] = tonumber(meta[3]) - now
  end
end
return results
