#!lua
-- PROTOCOL.md 5.8. Begins a stream whose turn was chosen (settle.lua), if the stream still waits. The calling process gets the lease. Any
-- process may try, any number of times.
-- KEYS  1 state copy (checkpoint.lua)  2 log  3 meta
-- ARGV  1 epoch  2 owner  3 lease ms  4 ttl ms  5 state copy (JSON)  6 first frames  7 bell channel  8 time (ISO 8601)
-- Returns 1 when this call began the stream, 0 when the stream does not wait any more.
if redis.call('HGET', KEYS[3], 'status') ~= 'queued' then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length = string.len(ARGV[6])
redis.call('HSET', KEYS[3], 'status', 'active', 'epoch', ARGV[1], 'owner', ARGV[2], 'lease', now + ARGV[3],
  'claimed', length, 'lastActivity', ARGV[8], 'startTime', ARGV[8])
redis.call('SET', KEYS[2], ARGV[6], 'PX', ARGV[4])
redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
redis.call('SPUBLISH', ARGV[7], length)
return 1
