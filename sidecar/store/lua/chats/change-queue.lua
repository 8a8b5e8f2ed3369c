#!lua flags=allow-oom
-- PROTOCOL.md 5.8. Changes the turns that wait in the queue of a conversation, on a person's request. A turn is a question and the
-- answer to be written. This script never chooses the turn that begins next: only settle.lua chooses turns.
-- KEYS  1 chat  2 queue
-- ARGV  1 what: 'remove', 'move', 'edit', 'discard' (removes all turns), or 'first'. 'first' moves the turn to the front, and sets
--         the field `interrupted` to the stream that the conversation points at. When the interrupted stream has ended, settle.lua
--         chooses the first turn, whatever the outcome of the stream
--       2 message id of the turn's answer, or '' for 'discard'
--       3 user id of the member who makes the change, or '' if the owner makes it. Members may remove, move, edit or discard only
--         their own turns, but may use 'first' for any turn
--       if what is 'move': 4 the new place, counted from 1
--       if what is 'edit': 4 characters  5 bytes  6 the new question, packed  7 words of the new question
-- Returns {1, stream that the conversation points at or '', message id of each removed turn, …}; {0, stream that the conversation
--   points at or ''} if the turn does not wait; {} if there is no such conversation; {'no-role'} or {'small-role'} if the member
--   may not make this change.
local chat, queue, what, id, member = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local refusal = refusal_of(chat, member, 'editor')
if refusal then return {refusal} end
local known = redis.call('HMGET', chat, 'createdAt', 'stream')
if not known[1] then return {} end
local points_at = known[2] or ''

local function forget(turn)
  redis.call('HDEL', chat, 'q:' .. turn, 'qm:' .. turn, 'qw:' .. turn, 'qa:' .. turn, 'qb:' .. turn)
end

local function is_own(turn)
  return member == '' or redis.call('HGET', chat, 'qa:' .. turn) == member
end

local function changed()
  ring(chat, bell_of(chat), 'queue', member ~= '' and member or owner_of(chat))
end

local function release_if_empty()
  if redis.call('LLEN', queue) == 0 then redis.call('HDEL', chat, 'paused', 'interrupted') end
end

local order = redis.call('LRANGE', queue, 0, -1)
if what == 'discard' then
  local answer = {1, points_at}
  local lives = redis.call('PTTL', queue)
  redis.call('DEL', queue)
  -- The turns of others are added again one by one, because unpack() fails for a long list.
  for _, turn in ipairs(order) do
    if is_own(turn) then
      forget(turn)
      answer[#answer + 1] = turn
    else
      redis.call('RPUSH', queue, turn)
    end
  end
  if lives > 0 then redis.call('PEXPIRE', queue, lives) end
  release_if_empty()
  changed()
  return answer
end

local is_waiting = false
for _, turn in ipairs(order) do is_waiting = is_waiting or turn == id end
if not is_waiting then return {0, points_at} end
if what ~= 'first' and not is_own(id) then return {'small-role'} end

if what == 'remove' then
  redis.call('LREM', queue, 0, id)
  forget(id)
  release_if_empty()
  changed()
  return {1, points_at, id}
elseif what == 'edit' then
  local facts = redis.call('HGET', chat, 'q:' .. id)
  local before, rest = string.match(facts, '^(%S+ %S+ %S+) %d+ %d+ (.*)$')
  redis.call('HSET', chat, 'q:' .. id, before .. ' ' .. ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. rest,
    'qm:' .. id, ARGV[6], 'qw:' .. id, ARGV[7])
  changed()
  return {1, points_at}
end

local at = what == 'first' and 1 or tonumber(ARGV[4])
local lives = redis.call('PTTL', queue)
local rest = {}
for _, turn in ipairs(order) do if turn ~= id then rest[#rest + 1] = turn end end
table.insert(rest, math.max(1, math.min(at, #order)), id)
redis.call('DEL', queue)
for _, turn in ipairs(rest) do redis.call('RPUSH', queue, turn) end
if lives > 0 then redis.call('PEXPIRE', queue, lives) end
if what == 'first' and points_at ~= '' then redis.call('HSET', chat, 'interrupted', points_at) end
changed()
return {1, points_at}
