#!lua flags=no-writes
-- Reads a page of one path through a conversation, from a message upwards.
-- KEYS  1 chat
-- ARGV  1 where the page begins: 'through': at the newest message below the given one, or at the given one if none is below it;
--         'at': at the given message; 'before': at the parent of the given message. If the given message does not exist,
--         'through' and 'at' begin at the newest message of the conversation
--       2 id of the given message, or ''  3 maximum number of messages  4 maximum number of bytes; the first message is
--         returned even if it is larger
--       5… names of fields of the conversation to read
-- Returns {fields, children of the lowest message, 1 if the path has messages above the returned ones, else 0, id, packed message,
--   siblings, parent id or '', …}, the lowest message first. Children and siblings have the format of c:<parent> (add-message.lua).
--   Returns only {fields} if the path has no message.
local chat, how, id, most, most_bytes = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local names = {}
for i = 5, #ARGV do names[#names + 1] = ARGV[i] end
local fields = redis.call('HMGET', chat, unpack(names))

local function place_of(message)
  local place = redis.call('HGET', chat, 't:' .. message)
  if not place then return nil end
  local parent, bytes = string.match(place, '^%l(%S*) %d+ %d+ (%d+)$')
  return parent, tonumber(bytes)
end

-- The newest message that is `from` or a descendant of `from`. `others` has the messages that are known not to descend from `from`.
local function newest_after(from)
  local others, count = {}, tonumber(redis.call('HGET', chat, 'count') or 0)
  for number = count, 1, -1 do
    local candidate = redis.call('HGET', chat, 'n:' .. number)
    if candidate == from then return from end
    local way, at = {}, candidate
    while at and at ~= '' and at ~= from and not others[at] and #way <= count do
      way[#way + 1] = at
      at = place_of(at)
    end
    if at == from then return candidate end
    for _, other in ipairs(way) do others[other] = true end
  end
  return from
end

local at
if how == 'before' then
  at = place_of(id)
elseif id ~= '' and place_of(id) then
  at = how == 'through' and newest_after(id) or id
else
  at = redis.call('HGET', chat, 'newest')
end
if not at or at == '' then return {fields} end

local children = redis.call('HGET', chat, 'c:' .. at) or ''
local found, bytes, seen = {}, 0, {}
while at ~= '' and not seen[at] and #found < 4 * most do
  local parent, size = place_of(at)
  if not parent or (#found > 0 and bytes + size > most_bytes) then break end
  seen[at] = true
  local packed = redis.call('HGET', chat, 'm:' .. at)
  if packed then
    bytes = bytes + size
    found[#found + 1] = at
    found[#found + 1] = packed
    found[#found + 1] = redis.call('HGET', chat, 'c:' .. parent) or ''
    found[#found + 1] = parent
  end
  at = parent
end
local more = (at ~= '' and not seen[at] and place_of(at)) and 1 or 0
return {fields, children, more, unpack(found)}
