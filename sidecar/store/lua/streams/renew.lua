#!lua flags=allow-oom
-- PROTOCOL.md 7.2. The heartbeat of one owner for many streams. Extends the lease of each stream, even if the lease has expired,
-- unless another process has claimed the stream. A full heartbeat of a stream also extends the TTLs of the stream's keys. If the time
-- of the last activity is given for a stream, this time is stored, and notifications are stopped unless somebody still follows the
-- stream.
-- KEYS  the meta of each stream, then state copy and log of each stream whose heartbeat is full
-- ARGV  1 lease ms  2 ttl ms  3 one digit per stream: 1 if its last activity is given, plus 2 if its heartbeat is full
--       4… the epoch of each stream, then the given last activities (ISO 8601)
-- Returns per stream: the new deadline by Redis' clock, -2 fenced, -3 gone.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local deadline = now + ARGV[1]
-- This number is formatted once here. Otherwise each redis.call() below would format the number again.
local lease = string.format('%.0f', deadline)
local digits = ARGV[3]
local count = string.len(digits)
local key, arg = count + 1, count + 4
local results = {}
for i = 1, count do
  local meta, digit = KEYS[i], string.sub(digits, i, i)
  local is_full = digit == '2' or digit == '3'
  local has_activity = digit == '1' or digit == '3'
  -- A lease of 0 means that the lease was given up. The field `released` says the same, but comes late in the hash, so Redis takes
  -- longer to find it.
  local known = redis.call('HMGET', meta, 'epoch', 'status', 'lease')
  if not known[1] then
    results[i] = -3
  elseif known[1] ~= ARGV[i + 3] or known[2] ~= 'active' or known[3] == '0' then
    results[i] = -2
  else
    if has_activity then
      redis.call('HSET', meta, 'lease', lease, 'lastActivity', ARGV[arg])
      local followed = redis.call('HGET', meta, 'followed')
      if followed and tonumber(followed) < now then redis.call('HDEL', meta, 'followed') end
    else
      redis.call('HSET', meta, 'lease', lease)
    end
    if is_full then
      redis.call('PEXPIRE', KEYS[key], ARGV[2])
      redis.call('PEXPIRE', KEYS[key + 1], ARGV[2])
      redis.call('PEXPIRE', meta, ARGV[2])
    end
    results[i] = deadline
  end
  if is_full then key = key + 2 end
  if has_activity then arg = arg + 1 end
end
return results
