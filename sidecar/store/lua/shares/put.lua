#!lua
-- PROTOCOL.md 5.11. Creates or changes a public page of a chat. Fields of pages that have expired are removed.
-- The chat has a field s:<page id> for each page: `<when the page expires (ms since 1970)> <definition of the page (JSON)>`. The
-- field `shares` has the ids of the pages, divided by spaces.
-- A page expires with its chat at the latest. Therefore a new expiry of a page also postpones the expiry of the chat, unless the
-- chat is temporary.
-- KEYS  1 chat
-- ARGV  1 page id  2 the value that s:<page id> must have now, '' for a new page
--       3 in how many ms the page expires, or '' to keep the time at which it expires
--       4 the lifetime of a chat in ms  5 the definition of the page (JSON)
-- Returns {} if there is no such chat, {''} if s:<page id> has another value than ARGV 2, otherwise {new value of s:<page id>}.
local chat, id, before, wanted, ttl = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local known = redis.call('HMGET', chat, 'createdAt', 'temporary', 'shares', 's:' .. id)
if not known[1] then return {} end
if (known[4] or '') ~= before then return {''} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if wanted ~= '' and not known[2] then redis.call('PEXPIRE', chat, ttl, 'GT') end
local expires = wanted == '' and string.match(before, '^%d+')
if not expires then
  local left = redis.call('PTTL', chat)
  if left < 0 then left = ttl end
  expires = string.format('%.0f', now + math.min(tonumber(wanted), left))
end
local value = expires .. ' ' .. ARGV[5]
local ids = {id}
for other in string.gmatch(known[3] or '', '%S+') do
  local its = other ~= id and redis.call('HGET', chat, 's:' .. other)
  if its and tonumber(string.match(its, '^%d+')) > now then
    ids[#ids + 1] = other
  elseif other ~= id then
    redis.call('HDEL', chat, 's:' .. other)
  end
end
redis.call('HSET', chat, 's:' .. id, value, 'shares', table.concat(ids, ' '))
return {value}
