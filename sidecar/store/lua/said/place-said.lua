-- Shared by the scripts that clear a conversation's pointer to a stream.
-- A said message is a person's message that asks for no answer (say.lua). If it follows an answer that is being written, it waits for
-- the end of that answer in these fields of the chat's hash:
--   said      the ids of the waiting messages, divided by spaces, oldest first
--   sm:<id>   the message, packed, without its parent
--   sw:<id>   the words of the message
--   sf:<id>   `<characters> <bytes>` of the message
-- This function places the first waiting message below `parent`, and each further one below the one before it.
local function place_said(chat, parent)
  local ids = redis.call('HGET', chat, 'said')
  if not ids then return end
  for id in string.gmatch(ids, '(%S+)') do
    local kept = redis.call('HMGET', chat, 'sf:' .. id, 'sm:' .. id, 'sw:' .. id)
    if kept[1] then
      local chars, bytes = string.match(kept[1], '^(%d+) (%d+)$')
      add_message(chat, id, 'u', parent, chars, bytes, kept[2], kept[3] or '')
      parent = id
    end
    redis.call('HDEL', chat, 'sf:' .. id, 'sm:' .. id, 'sw:' .. id)
  end
  redis.call('HDEL', chat, 'said')
end
