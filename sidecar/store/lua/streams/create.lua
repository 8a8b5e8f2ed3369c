#!lua
-- PROTOCOL.md 5.4. Creates a stream in one step: state copy, meta with its first lease, log with its first frames. If several
-- processes try, only one succeeds. A stream with a tombstone (status "deleted") counts as missing.
-- KEYS  1 state copy (checkpoint.lua)  2 log  3 meta
--       4 the chat (optional; not in a Cluster). If the chat is passed, the stream is created only if the chat points at the stream
-- ARGV  1 stream  2 epoch  3 owner  4 lease ms  5 ttl ms  6 state copy (JSON)  7 first frames  8… meta field, value, …
-- Returns 1 when created, 0 when the stream exists already, -1 when the chat does not point at the stream.
local status = redis.call('HGET', KEYS[3], 'status')
if status and status ~= 'deleted' then return 0 end
if KEYS[4] and redis.call('HGET', KEYS[4], 'stream') ~= ARGV[1] then return -1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length = string.len(ARGV[7])
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], 'status', 'active', 'epoch', ARGV[2], 'owner', ARGV[3], 'lease', now + ARGV[4],
  'base', 0, 'lapses', 0, 'barren', 0, 'claimed', length)
for i = 8, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
redis.call('SET', KEYS[2], ARGV[7], 'PX', ARGV[5])
redis.call('SET', KEYS[1], ARGV[6], 'PX', ARGV[5])
redis.call('PEXPIRE', KEYS[3], ARGV[5])
return 1
