#!lua flags=allow-oom
-- Ends a public page: removes the field s:<page id> from the chat, and the page id from the chat's field `shares` (put.lua).
-- KEYS  1 chat
-- ARGV  1 the id of the page
-- Returns 1 if the chat had this page, else 0.
local chat, id = KEYS[1], ARGV[1]
local ids = {}
for other in string.gmatch(redis.call('HGET', chat, 'shares') or '', '%S+') do
  if other ~= id then ids[#ids + 1] = other end
end
if #ids > 0 then redis.call('HSET', chat, 'shares', table.concat(ids, ' ')) else redis.call('HDEL', chat, 'shares') end
return redis.call('HDEL', chat, 's:' .. id)
