#!lua
-- PROTOCOL.md 12.2. The state copy of a stream is JSON: the question, and the answer as it was at the latest update. This script
-- updates the state copy by writing only the parts that changed.
-- KEYS  1 state copy  2 meta
-- ARGV  1 epoch  2 length that the copy must have  3 ttl ms  4… patches: offset, bytes, …
-- An offset of 0 replaces the whole copy, whatever its length.
-- Returns 1 when written; 0 when the stream has another epoch, the copy has another length, or the log is packed. The copy must not
-- change after packing, because the end of the copy is needed to unpack the log (8.7).
local known = redis.call('HMGET', KEYS[2], 'epoch', 'packed')
if known[1] ~= ARGV[1] or known[2] then return 0 end
if ARGV[4] ~= '0' and redis.call('STRLEN', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
for i = 4, #ARGV, 2 do
  if ARGV[i] == '0' then redis.call('SET', KEYS[1], ARGV[i + 1])
  else redis.call('SETRANGE', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
