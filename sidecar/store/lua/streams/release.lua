#!lua flags=allow-oom
-- PROTOCOL.md 7.6. Gives up the lease of a stream, so that another process can take the stream over at once (handover). The owner
-- does not count as lost (claim.lua).
-- KEYS  1 meta
-- ARGV  1 epoch
-- Returns 1 if the lease was given up, 0 if the stream has another epoch or is not active.
local known = redis.call('HMGET', KEYS[1], 'epoch', 'status')
if known[1] ~= ARGV[1] or known[2] ~= 'active' then return 0 end
redis.call('HSET', KEYS[1], 'lease', 0, 'released', 1)
return 1
