#!lua
-- PROTOCOL.md 6.1. Appends one or many batches, each to its own log. A batch is appended only if its log ends at the position that
-- the batch names. Leases and TTLs stay as they are: renew.lua extends them.
-- KEYS  per batch: log, meta
-- ARGV  per batch: epoch, position, bytes, bell channel
-- Returns two numbers per batch: what happened, and the length of the log. What happened:
--   0 appended   1 the log does not end at the position   2 fenced (another epoch, or the stream is not active)   3 gone
--   With 2 and 3 the length is always 0.
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
