#!lua
-- PROTOCOL.md 5.10. Updates and reads the list of people who look at a room. Each open page of a room has a feed: a response that
-- stays open and sends the list to the page. A sidecar makes one call for all of its feeds of a room.
-- The sorted set has the entry `<user id> <tab>` for each browser tab in which a person has the room open. While the person types in
-- this tab, the set also has the entry `<user id> <tab> typing`. The score of an entry is the time at which the entry lapses.
-- KEYS  1 chat  2 who is here (sorted set)
-- ARGV  1 bell channel (ring.lua)  2 a word that identifies the calling sidecar. If the list changes, the script sends the
--         notification `here <word>`. A sidecar ignores a notification that has the sidecar's own word
--       3 ttl ms of the whole set  4 user id of the owner
--       5… per change: what, entry, value
--          'stay'    the entry is added if it is missing, and lapses `value` ms from now. A `typing` entry is ignored if the set
--                    lacks the entry of its tab
--          'come'    like 'stay', but changes nothing if the set has the entry already
--          'leave'   the entry and its `typing` entry are removed, but only if the score of the entry is still `value`, that is,
--                    if no other sidecar has renewed the entry
--          'stop'    the entry is removed; `value` is not used
-- Returns {now ms, version of the chat, owner's name or '', …}. After these come three values per entry: the entry, its score, and the
--   person's role and name as JSON (join.lua), or '' for the owner. Returns {} if the conversation is gone or is not a room.
-- The script also removes the entries of people who have no role in the room.
local chat, here = KEYS[1], KEYS[2]
local bell, word, ttl, owner = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- Maximum number of entries of one person.
local MOST_OF_ONE = 64
local scores, order, has_changed, of_user = {}, {}, false, {}
local removed, added = {}, {}
local stored = redis.call('ZRANGE', here, 0, -1, 'WITHSCORES')
for i = 1, #stored, 2 do
  local entry, score = stored[i], tonumber(stored[i + 1])
  order[#order + 1] = entry
  if score > now then
    local user = string.match(entry, '^%S+')
    scores[entry] = score
    of_user[user] = (of_user[user] or 0) + 1
  else
    removed[entry] = true
  end
end

local function keep(entry, value)
  if not scores[entry] then
    local user = string.match(entry, '^%S+')
    if (of_user[user] or 0) >= MOST_OF_ONE then return end
    of_user[user] = (of_user[user] or 0) + 1
    has_changed = true
    order[#order + 1] = entry
  end
  scores[entry] = now + tonumber(value)
  added[entry] = true
  removed[entry] = nil
end

local function drop(entry)
  if not scores[entry] then return end
  local user = string.match(entry, '^%S+')
  of_user[user] = of_user[user] - 1
  scores[entry] = nil
  added[entry] = nil
  removed[entry] = true
end

for i = 5, #ARGV, 3 do
  local what, entry, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if what == 'stay' then
    local page = string.match(entry, '^(.+) typing$')
    if not page or scores[page] then keep(entry, value) end
  elseif what == 'come' then
    if not scores[entry] then keep(entry, value) end
  elseif what == 'stop' then
    drop(entry)
  elseif scores[entry] == tonumber(value) then
    drop(entry)
    drop(entry .. ' typing')
  end
end

local fields, people = {'room', 'v', 'ownerName'}, {}
for entry in pairs(scores) do
  local user = string.match(entry, '^%S+')
  if user ~= owner and not people[user] then
    fields[#fields + 1] = 'u:' .. user
    people[user] = #fields
  end
end
local known = redis.call('HMGET', chat, unpack(fields))
if not known[1] then
  redis.call('DEL', here)
  return {}
end

local answer = {tostring(now), tonumber(known[2] or 0), known[3] or ''}
local seen = {}
for _, entry in ipairs(order) do
  if scores[entry] and not seen[entry] then
    seen[entry] = true
    local user = string.match(entry, '^%S+')
    local member = user == owner and '' or known[people[user]]
    if member then
      answer[#answer + 1] = entry
      answer[#answer + 1] = tostring(scores[entry])
      answer[#answer + 1] = member
    else
      drop(entry)
    end
  end
end

-- Entries are removed and written in portions, because unpack() fails for a long list.
local AT_ONCE = 500
local gone, kept = {}, {}
for entry in pairs(removed) do gone[#gone + 1] = entry end
for entry in pairs(added) do
  kept[#kept + 1] = scores[entry]
  kept[#kept + 1] = entry
end
for i = 1, #gone, AT_ONCE do redis.call('ZREM', here, unpack(gone, i, math.min(i + AT_ONCE - 1, #gone))) end
for i = 1, #kept, AT_ONCE do redis.call('ZADD', here, unpack(kept, i, math.min(i + AT_ONCE - 1, #kept))) end
if #kept > 0 then redis.call('PEXPIRE', here, ttl) end
if has_changed or #gone > 0 then redis.call('SPUBLISH', bell, 'here ' .. word) end
return answer
