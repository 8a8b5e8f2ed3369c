#!lua flags=allow-oom
-- Notes how many bytes the chats, streams, templates and public pages of one person or one network address use.
-- A member is the name of a chat, a stream, a template or a public page. The name of a chat begins with `c`.
-- KEYS  1 bytes (hash: the field `<member>` is the number of bytes of this member, the field `=` is the number of bytes of all
--         members, the field `#` is the number of chats)
--       2 held (sorted set: member, scored with the time at which it expires)
-- ARGV  1 maximum number of bytes, 0: any number  2 maximum number of chats, 0: any number
--       3… per member: name, bytes (0 removes the member), ttl ms
-- Returns {what, bytes of all members}; what: 1 noted, 0 too many bytes, 2 too many chats. With 0 and 2 nothing was noted.
local bytes_key, held_key, most_bytes, most_chats = KEYS[1], KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local EXPIRED_AT_ONCE = 200
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function put(member, bytes)
  local before = redis.call('HGET', bytes_key, member)
  local is_chat = string.sub(member, 1, 1) == 'c'
  if bytes > 0 then
    redis.call('HSET', bytes_key, member, bytes)
    if is_chat and not before then redis.call('HINCRBY', bytes_key, '#', 1) end
  elseif before then
    redis.call('HDEL', bytes_key, member)
    if is_chat then redis.call('HINCRBY', bytes_key, '#', -1) end
  end
  redis.call('HINCRBY', bytes_key, '=', bytes - tonumber(before or 0))
end

for _, member in ipairs(redis.call('ZRANGEBYSCORE', held_key, '-inf', now, 'LIMIT', 0, EXPIRED_AT_ONCE)) do
  put(member, 0)
  redis.call('ZREM', held_key, member)
end

local known = redis.call('HMGET', bytes_key, '=', '#')
local total, chats, more, new_chats = tonumber(known[1] or 0), tonumber(known[2] or 0), 0, 0
for i = 3, #ARGV, 3 do
  local before = redis.call('HGET', bytes_key, ARGV[i])
  more = more + tonumber(ARGV[i + 1]) - tonumber(before or 0)
  if not before and string.sub(ARGV[i], 1, 1) == 'c' then new_chats = new_chats + 1 end
end
if most_bytes > 0 and more > 0 and total + more > most_bytes then return {0, total} end
if most_chats > 0 and new_chats > 0 and chats + new_chats > most_chats then return {2, total} end
for i = 3, #ARGV, 3 do
  local member, bytes, ttl = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  put(member, bytes)
  if bytes > 0 then redis.call('ZADD', held_key, now + ttl, member) else redis.call('ZREM', held_key, member) end
end
local last = redis.call('ZRANGE', held_key, -1, -1, 'WITHSCORES')
if last[2] then
  redis.call('PEXPIREAT', bytes_key, last[2])
  redis.call('PEXPIREAT', held_key, last[2])
else
  redis.call('DEL', bytes_key, held_key)
end
return {1, total + more}
