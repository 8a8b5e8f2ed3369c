#!lua
-- PROTOCOL.md 6.1. Appends to one or many logs, to each only if it ends at the position that its batch names. Leases and TTLs are
-- not changed: renew.lua does that.
-- KEYS  per batch: log, meta
-- ARGV  per batch: epoch, position, bytes, bell channel
-- Returns per batch two numbers: what happened, and the length of the log then.
--   0 appended   1 the log is not at that position   2 fenced (another epoch, or the stream is not active)   3 gone
local results = {}
for i = 1, #KEYS / 2 do
  local log, meta = KEYS[2 * i - 1], KEYS[2 * i]
  local epoch, position, bytes = ARGV[4 * i - 3], tonumber(ARGV[4 * i - 2]), ARGV[4 * i - 1]
  local now = redis.call('HMGET', meta, 'epoch', 'status', 'followed')
  local happened, length = 0, 0
  if not now[1] then
    happened = 3
  elseif now[1] ~= epoch or now[2] ~= 'active' then
    happened = 2
  else
    length = redis.call('STRLEN', log)
    if length ~= position then
      happened = 1
    else
      length = redis.call('APPEND', log, bytes)
      if now[3] then redis.call('SPUBLISH', ARGV[4 * i], length) end
    end
  end
  results[2 * i - 1] = happened
  results[2 * i] = length
end
return results
