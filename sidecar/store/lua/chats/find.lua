#!lua flags=no-writes
-- Looks for words in the titles and the messages of conversations. The messages of a conversation are searched from the newest to
-- the oldest.
-- KEYS  chats: several on a single server, one in a Cluster
-- ARGV  1 the number of the message to begin with, 0: the newest  2 maximum number of messages to search in each chat
--       3… the words, in the form in which words are stored (foldText in words.ts)
-- Returns for each chat {inTitle, title, found, next, unknown id, …}:
--   inTitle      1 if the title has all words, else 0
--   title        '' if words are stored for the title; else the title, so that the caller can search it
--   found        id of the newest message that has all words, or ''
--   next         number of the message with which the next call begins; 0 if a message was found or all were searched
--   unknown id   id of a message that this script could not search, because no words are stored for the message
local first, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local AT_ONCE = 16
-- One call reads at most about this many bytes of words, because Redis does nothing else while a script runs.
local left = 1024 * 1024

local function has_all(words)
  for i = 3, #ARGV do
    if not string.find(words, ARGV[i], 1, true) then return false end
  end
  return true
end

local function look_into(chat)
  local known = redis.call('HMGET', chat, 'words', 'title', 'count')
  local number = first
  if number == 0 then number = tonumber(known[3] or 0) end
  local last = math.max(1, number - most + 1)
  local found, unknown = '', {}
  while number >= last and found == '' and left > 0 do
    local names, fields = {}, {}
    for i = number, math.max(last, number - AT_ONCE + 1), -1 do names[#names + 1] = 'n:' .. i end
    local ids = redis.call('HMGET', chat, unpack(names))
    for i, id in ipairs(ids) do fields[i] = 'w:' .. (id or '') end
    for i, words in ipairs(redis.call('HMGET', chat, unpack(fields))) do
      left = left - (words and #words or 0)
      if not words then
        if ids[i] then unknown[#unknown + 1] = ids[i] end
      elseif has_all(words) then
        found = ids[i]
        break
      end
    end
    number = number - #names
  end
  local title_has = known[1] and has_all(known[1])
  local next = found == '' and math.max(0, number) or 0
  return {title_has and 1 or 0, known[1] and '' or known[2] or '', found, next, unpack(unknown)}
end

local answers = {}
for i, chat in ipairs(KEYS) do answers[i] = look_into(chat) end
return answers
