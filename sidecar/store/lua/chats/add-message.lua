-- Shared by the scripts that add messages to a conversation.
-- A message is kept in these fields of the chat's hash:
--   m:<id>       the message, packed. Its parent is in t:<id>, because a message that waits for the end of an answer is packed before
--                its parent is known
--   w:<id>       the words of the message, for searches
--   t:<id>       the place of the message: `<role><parent id> <depth> <characters of its parts> <bytes>`. The role is one letter: u, a
--                or s (user, assistant, system)
--   n:<number>   the id of the message; messages are numbered from 1 in the order in which they were added
--   c:<parent>   the ids of all messages with this parent, divided by spaces, oldest first. The letter of the role is in front of each
--                id. <parent> is empty for the messages that begin the conversation
--   k:<id>       the ids of the forks that were made at the message (forks/note.lua)
-- The hash also has `count` (the number of messages), `bytes` (the size of all packed messages and their words) and `newest` (the id of
-- the message that was added last).
-- Returns true, or false when the message was there already.
local function add_message(chat, id, role, parent, chars, bytes, packed, words)
  local is_written = redis.call('HSETNX', chat, 'm:' .. id, packed) == 1
  if is_written then
    redis.call('HINCRBY', chat, 'bytes', #packed + #words)
    redis.call('HSET', chat, 'w:' .. id, words)
  end
  if redis.call('HEXISTS', chat, 't:' .. id) == 1 then return is_written end
  local depth = 1
  if parent ~= '' then
    local place = redis.call('HGET', chat, 't:' .. parent)
    if place then depth = tonumber(string.match(place, ' (%d+) ')) + 1 end
  end
  local siblings = redis.call('HGET', chat, 'c:' .. parent)
  redis.call('HSET', chat, 't:' .. id, role .. parent .. ' ' .. depth .. ' ' .. chars .. ' ' .. bytes)
  -- If the field c:<parent> lists this message already, only the place of the message was missing.
  if siblings and string.find(' ' .. siblings .. ' ', ' ' .. role .. id .. ' ', 1, true) then return true end
  local number = redis.call('HINCRBY', chat, 'count', 1)
  redis.call('HSET', chat,
    'n:' .. number, id,
    'c:' .. parent, (siblings and siblings .. ' ' or '') .. role .. id,
    'newest', id)
  return true
end
