#!lua flags=allow-oom
-- PROTOCOL.md 7.2. The heartbeat of one owner for many streams: extends leases, whether or not anything was appended, and
-- the TTLs of those streams that the owner names. An expired lease that nobody has taken still belongs to its owner.
-- KEYS  per stream: state, log, meta
-- ARGV  1 lease ms  2 ttl ms  3… per stream: its epoch, when its model last sent something (ISO 8601)
--       last: one digit per stream, 1 if its TTLs are extended, else 0
-- Returns per stream: the new deadline by Redis' clock, -2 fenced, -3 gone.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local extended = ARGV[#ARGV]
local results = {}
for i = 1, #KEYS / 3 do
  local state, log, meta = KEYS[3 * i - 2], KEYS[3 * i - 1], KEYS[3 * i]
  local known = redis.call('HMGET', meta, 'epoch', 'status', 'followed', 'released')
  if not known[1] then
    results[i] = -3
  elseif known[1] ~= ARGV[2 * i + 1] or known[2] ~= 'active' or known[4] then
    results[i] = -2
  else
    redis.call('HSET', meta, 'lease', now + ARGV[1], 'lastActivity', ARGV[2 * i + 2])
    if known[3] and tonumber(known[3]) < now then redis.call('HDEL', meta, 'followed') end
    if string.sub(extended, i, i) == '1' then
      redis.call('PEXPIRE', state, ARGV[2])
      redis.call('PEXPIRE', log, ARGV[2])
      redis.call('PEXPIRE', meta, ARGV[2])
    end
    results[i] = now + ARGV[1]
  end
end
return results
