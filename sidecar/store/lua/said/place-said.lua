-- Shared by the scripts that clear a conversation's pointer to a stream.
-- A said message is a person's message that asks for no answer (say.lua). A said message that follows an answer that is being written
-- waits until this answer has ended. These fields of the chat's hash have the waiting messages:
--   said      the ids of the waiting messages, divided by spaces, oldest first
--   sm:<id>   the message, packed (message-codec.ts), without its parent
--   sw:<id>   the words of the message, for searches
--   sf:<id>   `<characters> <bytes>` of the message
-- place_said() adds the waiting messages to the conversation. The parent of the first message is `parent`. The parent of each other
-- message is the message before it.
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
