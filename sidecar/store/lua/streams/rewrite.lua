#!lua
-- PROTOCOL.md 10.3. Writes a new log after Redis lost the whole log, or lost bytes of the log that the owner no longer has in memory.
-- The new log gets a new epoch, so that no event id of the old log is valid any more.
-- KEYS  1 state copy (checkpoint.lua)  2 log  3 meta
-- ARGV  1 the owner's epoch  2 new epoch  3 owner  4 lease ms  5 ttl ms  6 state copy (JSON)  7 frames  8 bell channel
--       9… meta field, value, …
-- Returns 1 when written, 0 when another process owns the stream, or when the stream has ended or was deleted.
local known = redis.call('HMGET', KEYS[3], 'epoch', 'status')
if known[2] and (known[1] ~= ARGV[1] or known[2] ~= 'active') then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[3], 'status', 'active', 'epoch', ARGV[2], 'owner', ARGV[3], 'lease', now + ARGV[4],
  'base', 0, 'claimed', string.len(ARGV[7]))
if not known[2] then redis.call('HSET', KEYS[3], 'lapses', 0, 'barren', 0) end
for i = 9, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
redis.call('SET', KEYS[2], ARGV[7], 'PX', ARGV[5])
redis.call('SET', KEYS[1], ARGV[6], 'PX', ARGV[5])
redis.call('PEXPIRE', KEYS[3], ARGV[5])
redis.call('SPUBLISH', ARGV[8], string.len(ARGV[7]))
return 1
