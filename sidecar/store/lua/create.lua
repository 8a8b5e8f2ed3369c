#!lua
-- Creates a stream, all of it or nothing: state copy, meta with its first lease, log with its first frames.
-- Whoever creates it owns it and calls the model; everyone else attaches to what is there.
-- A tombstone (status "deleted") counts as nothing.
-- KEYS  1 state  2 log  3 meta
-- ARGV  1 epoch  2 owner  3 lease ms  4 ttl ms  5 state (JSON)  6 first frames  7… meta field, value, …
-- Returns 1 when created, 0 when it was there already.
local status = redis.call('HGET', KEYS[3], 'status')
if status and status ~= 'deleted' then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length = string.len(ARGV[6])
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], 'status', 'active', 'epoch', ARGV[1], 'owner', ARGV[2], 'lease', now + ARGV[3],
  'base', 0, 'lapses', 0, 'barren', 0, 'claimed', length)
for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
redis.call('SET', KEYS[2], ARGV[6], 'PX', ARGV[4])
redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return 1
