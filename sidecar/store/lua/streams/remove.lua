#!lua flags=allow-oom
-- PROTOCOL.md 9. Removes a stream and leaves a tombstone. Without the tombstone, the owner would think that Redis lost the stream, and
-- would write the stream again (rewrite.lua).
-- KEYS  1 state copy  2 log  3 meta
-- ARGV  1 'any' or 'idle'  2 tombstone ttl ms  3 bell channel
-- With 'idle' a stream is removed only if it has ended, or if it is active and has lost its owner: the lease has run out, and was
-- not given up for a handover (7.6).
-- Returns 1 when removed, 0 when there is no such stream, -1 when the stream is not idle.
local known = redis.call('HMGET', KEYS[3], 'status', 'lease', 'released')
if not known[1] then return redis.call('DEL', KEYS[1], KEYS[2]) > 0 and 1 or 0 end
if known[1] == 'deleted' then return 0 end
if ARGV[1] == 'idle' and (known[1] == 'queued' or known[1] == 'sealed' or (known[1] == 'active' and known[3])) then return -1 end
if ARGV[1] == 'idle' and known[1] == 'active' then
  local time = redis.call('TIME')
  if tonumber(known[2]) > time[1] * 1000 + math.floor(time[2] / 1000) then return -1 end
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('HSET', KEYS[3], 'status', 'deleted')
redis.call('PEXPIRE', KEYS[3], ARGV[2])
redis.call('SPUBLISH', ARGV[3], -1)
return 1
