-- Shared by the scripts that clear the pointer of a conversation.
-- A said message that follows an answer being written waits for the end of that answer, in these fields of the chat's hash:
--   said      the ids, divided by spaces, in their order
--   sm:<id>   a message, packed, without its parent
--   sw:<id>   its words
--   sf:<id>   `<characters> <bytes>`
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
