#!lua flags=allow-oom
-- PROTOCOL.md 7.3. Takes over a stream whose lease has expired, and raises the epoch. From then on the old owner's appends are
-- refused, so the log does not change while the new owner reads it.
-- KEYS  1 log  2 meta
-- ARGV  1 suffix of the new epoch  2 owner  3 lease ms
--       4 '1' if an expired lease proves that the owner is lost; '0' if Redis was away or started a moment ago, so that owners could
--         not renew their leases. With '0' a stream is taken over only if its owner gave the lease up.
-- Returns {what, …}:
--   'claimed', epoch, length, base, lapses, barren, whether the last owner gave the lease up (0, 1)     the caller owns the stream now
--   'sealed', ms since the seal                        the end is decided but not written yet
--   'ended', status                                    there is nothing to recover
--   'leased', ms left                                  the stream has an owner, or with ARGV 4 '0' may have one
--   'queued'                                           the stream has not begun: it waits for its turn, or its turn was chosen
--   'gone'                                             there is no such stream, or it was deleted
-- `lapses`: number of lost owners. `barren`: number of lost owners in a row that appended nothing (7.7).
local known = redis.call('HMGET', KEYS[2], 'status', 'epoch', 'lease', 'base', 'lapses', 'barren', 'claimed', 'released', 'sealedAt')
local status = known[1]
if not status or status == 'deleted' then return {'gone'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if status == 'sealed' then return {'sealed', now - tonumber(known[9])} end
if status == 'queued' then return {'queued'} end
if status ~= 'active' then return {'ended', status} end
if tonumber(known[3]) > now then return {'leased', tonumber(known[3]) - now} end
if ARGV[4] == '0' and not known[8] then return {'leased', 500} end
local length = redis.call('STRLEN', KEYS[1])
local lapses, barren = tonumber(known[5]), tonumber(known[6])
if not known[8] then
  lapses = lapses + 1
  if length == tonumber(known[7]) then barren = barren + 1 else barren = 0 end
end
local epoch = (tonumber(string.match(known[2], '^%d+')) + 1) .. ARGV[1]
redis.call('HSET', KEYS[2], 'epoch', epoch, 'owner', ARGV[2], 'lease', now + ARGV[3],
  'lapses', lapses, 'barren', barren, 'claimed', length)
redis.call('HDEL', KEYS[2], 'released')
return {'claimed', epoch, length, tonumber(known[4]), lapses, barren, known[8] and 1 or 0}
