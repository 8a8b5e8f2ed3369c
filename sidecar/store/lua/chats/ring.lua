-- Shared by the scripts that change a conversation. ring() raises the version of the conversation. If the conversation is a room,
-- ring() also notifies the sidecars that listen to the bell of the room.
-- The bell is a sharded Redis channel in the slot of the conversation. A notification is `<version> <what> <by>`.
-- what: turn, queue, title, members, branches or all (shared/chat/rooms.ts)
-- by: user id of the person who made the change, or '' if the calling script does not know this person
-- Returns the new version.
local function ring(chat, bell, what, by)
  local version = redis.call('HINCRBY', chat, 'v', 1)
  if redis.call('HEXISTS', chat, 'room') == 1 then
    redis.call('SPUBLISH', bell, version .. ' ' .. what .. ' ' .. by)
  end
  return version
end

local function bell_of(chat)
  return '{' .. chat .. '}:bell'
end

-- The key of a conversation is chat:<user id of the owner>:<chat id>. Neither id contains a colon.
local function owner_of(chat)
  return string.match(chat, '^chat:(%S+):%S+$')
end
