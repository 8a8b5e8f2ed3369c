#!lua flags=allow-oom
-- PROTOCOL.md 8.7. Replaces the log of an ended stream by its packed form.
-- KEYS  1 state copy (checkpoint.lua)  2 log  3 meta
-- ARGV  1 epoch  2 length of the log  3 packed log
--       4 `<length>:<packed length>` of each block, divided by spaces. A block is a part of the log that is packed separately
--       5 the end of the state copy, if it was the dictionary for the compression; otherwise ''
-- Returns 1 when packed. Returns 0 when the stream is gone or has not ended, when its log is packed already, or when the log or
-- the end of the state copy has changed since the caller read it.
local known = redis.call('HMGET', KEYS[3], 'status', 'epoch', 'packed')
local status = known[1]
if not status or status == 'deleted' or status == 'queued' or status == 'active' or status == 'sealed' then return 0 end
if known[2] ~= ARGV[1] or known[3] or redis.call('STRLEN', KEYS[2]) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[5] ~= '' and redis.call('GETRANGE', KEYS[1], -#ARGV[5], -1) ~= ARGV[5] then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'KEEPTTL')
-- The state copy has grown by patches, so Redis has reserved up to twice its length. Writing the copy anew
  -- frees the memory that it does not use.
local state = redis.call('GET', KEYS[1])
if state then redis.call('SET', KEYS[1], state, 'KEEPTTL') end
redis.call('HSET', KEYS[3], 'packed', ARGV[4], 'length', ARGV[2])
return 1
