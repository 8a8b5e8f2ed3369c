-- Shared by the scripts that change a conversation: raises its version, and rings the bell of its room.
-- The bell is a sharded channel in the slot of the conversation. Its message is `<version> <what> <user id or ''>`. It carries
-- no truth: whoever hears it reads the conversation again. A conversation without a room has no listeners.
-- what: turn, queue, title, members, branches or all (shared/rooms.ts)
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

-- The owner is in the key of the conversation. Neither of its ids has a colon.
local function owner_of(chat)
  return string.match(chat, '^chat:(%S+):%S+$')
end
