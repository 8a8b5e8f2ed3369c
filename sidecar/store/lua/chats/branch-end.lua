-- Shared by the scripts that find the place of a waiting question.

-- At most this many of the newest messages are searched for newer versions.
local MAX_SEARCHED = 1000

-- Returns the message to whose branch a waiting question belongs now. `id`: the message that was named when the question was put into
-- the queue. With `count`, another version of this message or of the question that it answers takes its place, if the version was
-- added when the conversation had more than `count` messages. For example, while the question waits, a person stops the answer and
-- asks for another one.
local function newest_version(chat, id, count)
  if not count then return id end
  local function place_of(message)
    return string.match(redis.call('HGET', chat, 't:' .. message) or '', '^(%a)(%S*) ')
  end
  local now = tonumber(redis.call('HGET', chat, 'count') or 0)
  for number = math.max(count, now - MAX_SEARCHED) + 1, now do
    local added = redis.call('HGET', chat, 'n:' .. number)
    local role, parent = place_of(added)
    local own_role, own_parent = place_of(id)
    if own_role and added ~= id then
      local is_version = role == own_role and parent == own_parent
      if not is_version and own_role == 'a' and role == 'u' and added ~= own_parent then
        local _, question_parent = place_of(own_parent)
        is_version = parent == question_parent
      end
      if is_version then id = added end
    end
  end
  return id
end

-- Returns the last message of the branch below the message `id`: its newest reply, the newest reply to that one, and so on. If there is
-- no such message, returns the newest message of the conversation, or ''.
local function end_of_branch(chat, id)
  local known = redis.call('HMGET', chat, 't:' .. id, 'newest', 'count')
  if not known[1] then return known[2] or '' end
  for _ = 1, tonumber(known[3]) do
    local replies = redis.call('HGET', chat, 'c:' .. id)
    if not replies then break end
    id = string.sub(string.match(replies, '%S+$'), 2)
  end
  return id
end
