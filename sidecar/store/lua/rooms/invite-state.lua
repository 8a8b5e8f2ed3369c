-- Shared by the scripts that use invites. The field i:<invite id> of the chat's hash is an invite as JSON:
--   {role, createdAt (ms since 1970), expiresAt (ms since 1970), maxUses, uses, barred}
--   `barred` has the user ids of the people who may not use the invite: a space, then each id followed by a space.
-- The field `invites` has the ids of all invites, divided by spaces, oldest first. An invite that was revoked or used up is deleted.
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Returns the invite, or nil if it cannot be used any more.
local function usable_invite(chat, id, now)
  local kept = redis.call('HGET', chat, 'i:' .. id)
  local invite = kept and cjson.decode(kept)
  return invite and invite.expiresAt > now and invite.uses < invite.maxUses and invite or nil
end

local function ids_in(text)
  local ids = {}
  for id in string.gmatch(text or '', '%S+') do ids[#ids + 1] = id end
  return ids
end

-- Sets a field to ids, divided by spaces. Removes the field if `ids` is empty.
local function set_ids(chat, field, ids)
  if #ids == 0 then redis.call('HDEL', chat, field) else redis.call('HSET', chat, field, table.concat(ids, ' ')) end
end

local function drop_invite(chat, id)
  local rest = {}
  for _, other in ipairs(ids_in(redis.call('HGET', chat, 'invites'))) do
    if other ~= id then rest[#rest + 1] = other end
  end
  set_ids(chat, 'invites', rest)
  return redis.call('HDEL', chat, 'i:' .. id)
end

-- Maximum number of people who are barred from one invite. When one more person is to be barred, the invite is deleted instead.
-- MAX_BARRED in room-store.ts must have the same value.
local MAX_BARRED = 100

local function is_barred(invite, user)
  return string.find(invite.barred, ' ' .. user .. ' ', 1, true) ~= nil
end

-- Bars a person from all invites that give `role`. If `role` is nil, bars the person from all invites.
local function bar(chat, user, role)
  for _, id in ipairs(ids_in(redis.call('HGET', chat, 'invites'))) do
    local invite = usable_invite(chat, id, 0)
    if invite and (not role or invite.role == role) and not is_barred(invite, user) then
      if #ids_in(invite.barred) >= MAX_BARRED then
        drop_invite(chat, id)
      else
        invite.barred = invite.barred .. user .. ' '
        redis.call('HSET', chat, 'i:' .. id, cjson.encode(invite))
      end
    end
  end
end
