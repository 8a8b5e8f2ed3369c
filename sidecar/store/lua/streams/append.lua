#!lua
-- PROTOCOL.md 6.1. Appends one or many batches, each to its own log. A batch is appended only if its log ends at the position that
-- the batch names. Leases and TTLs stay as they are: renew.lua extends them.
-- A notification contains the bytes that were appended, or nothing if they are more than 16 KB.
-- KEYS  per batch: log, meta
-- ARGV  1 the bytes of all batches, one after the other  per batch: epoch, position, number of bytes
-- Returns two numbers per batch: what happened, and the length of the log. What happened:
--   0 appended   1 the log does not end at the position   2 fenced (another epoch, or the stream is not active)   3 gone
--   With 2 and 3 the length is always 0.
local results, bytes, first = {}, ARGV[1], 1
for i = 1, #KEYS / 2 do
  local log, meta = KEYS[2 * i - 1], KEYS[2 * i]
  local epoch, position, count = ARGV[3 * i - 1], tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local batch = string.sub(bytes, first, first + count - 1)
  first = first + count
  local now = redis.call('HMGET', meta, 'epoch', 'status', 'followed')
  local happened, length = 0, 0
  if not now[1] then
    happened = 3
  elseif now[1] ~= epoch or now[2] ~= 'active' then
    happened = 2
  else
    -- APPEND returns the length, so nearly every batch needs one command instead of two.
    length = redis.call('APPEND', log, batch)
    if length ~= position + count then
      happened, length = 1, length - count
      if length == 0 then
        redis.call('DEL', log)
      else
        redis.call('SET', log, redis.call('GETRANGE', log, 0, length - 1), 'KEEPTTL')
      end
    elseif now[3] then
      -- The channel is named like the key of the meta, with `bell` in place of `meta` (keys.ts).
      redis.call('SPUBLISH', string.sub(meta, 1, -5) .. 'bell', count <= 16384 and batch or '')
    end
  end
  results[2 * i - 1] = happened
  results[2 * i] = length
end
return results
