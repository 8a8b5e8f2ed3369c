#!lua
-- PROTOCOL.md 5.8. Creates the meta and the state copy of a stream that waits for its turn. The stream has no owner and no log yet.
-- A stream with a tombstone (status "deleted") counts as missing.
-- KEYS  1 state copy (checkpoint.lua)  2 meta
-- ARGV  1 epoch  2 ttl ms  3 state copy (JSON)  4… meta field, value, …
-- Returns 1 when created, 0 when the stream exists already.
local status = redis.call('HGET', KEYS[2], 'status')
if status and status ~= 'deleted' then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'status', 'queued', 'epoch', ARGV[1], 'owner', '', 'lease', 0, 'base', 0,
  'lapses', 0, 'barren', 0, 'claimed', 0)
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
