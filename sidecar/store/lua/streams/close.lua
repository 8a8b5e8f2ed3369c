#!lua flags=allow-oom
-- PROTOCOL.md 8.2. Appends the last frames of a sealed stream, and writes the final status. An owner that passes its own epoch
-- seals and closes in this one call.
-- KEYS  1 state copy (checkpoint.lua)  2 log  3 meta
-- ARGV  1 epoch of the seal, or of the owner  2 final epoch  3 position  4 frames  5 outcome  6 error (JSON) or ''
--       7 ttl ms  8 bell channel  9 sha256 of the whole log  10 time (ISO 8601)
--       11 length that the state copy must have to be patched  12… patches: offset, bytes, …
-- An offset of 0 replaces the whole copy, whatever its length.
-- Returns {result, status, length of the log}; after 'closed' also whether the state copy was patched (0, 1). The results:
--   'closed'
--   'already'    a call with the same final epoch has closed the stream before
--   'fenced'     the stream has another epoch
--   'elsewhere'  the log does not end at the position
--   'gone'
local known = redis.call('HMGET', KEYS[3], 'status', 'epoch', 'length')
local status, epoch = known[1], known[2]
if not status or status == 'deleted' then return {'gone', '', 0} end
local length = tonumber(known[3]) or redis.call('STRLEN', KEYS[2])
if status ~= 'active' and status ~= 'sealed' then
  return {epoch == ARGV[2] and 'already' or 'fenced', status, length}
end
if epoch ~= ARGV[1] then return {'fenced', status, length} end
if length ~= tonumber(ARGV[3]) then return {'elsewhere', status, length} end
length = redis.call('APPEND', KEYS[2], ARGV[4])
redis.call('HSET', KEYS[3], 'status', ARGV[5], 'outcome', ARGV[5], 'epoch', ARGV[2], 'sha256', ARGV[9],
  'lease', 0, 'lastActivity', ARGV[10])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[3], 'error', ARGV[6]) end
redis.call('HDEL', KEYS[3], 'followed', 'released')
local patchable = redis.call('STRLEN', KEYS[1]) == tonumber(ARGV[11])
local patched = (patchable or ARGV[12] == '0') and 1 or 0
for i = 12, #ARGV, 2 do
  if ARGV[i] == '0' then redis.call('SET', KEYS[1], ARGV[i + 1])
  elseif patchable then redis.call('SETRANGE', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[7]) end
redis.call('SPUBLISH', ARGV[8], length)
return {'closed', ARGV[5], length, patched}
