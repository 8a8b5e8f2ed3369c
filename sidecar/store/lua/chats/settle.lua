#!lua flags=allow-oom
-- PROTOCOL.md 8.5 and 5.8. This is where a turn ends and the next one begins. No other script chooses a turn.
-- It runs when an answer has ended, and when a person lets a paused queue go on. Everything is one step, so a turn is always
-- either waiting or chosen, and the pointer to a stream is cleared only once its answer is in the conversation.
--
--   Keep     The answer is written into its conversation.
--   Clear    The pointer to its stream is cleared, and how it ended is noted. Messages that people said meanwhile are placed
--            after the answer.
--   Choose   The first turn that waits is chosen if the answer is complete and the queue is not `paused`, if the answer was
--            interrupted, or if a person asked for the next turn. An error or a cancel pauses the queue if turns wait.
--            Turns of people who may not ask any more are dropped when they would be chosen.
--   Place    The question of the chosen turn becomes a message, and the conversation points at its stream.
--   Expire   The expiry of a conversation that is not temporary is postponed. The queue expires with its conversation.
--
-- A repeated call for the same answer only postpones the expiry. A chosen turn still has to begin: that is `begin.lua`.
-- KEYS  1 chat  2 queue
-- ARGV  1 stream id; '' when a person lets the queue go on  2 message id  3 parent id or ''  4 characters  5 bytes
--       6 packed message  7 'completed', 'error', 'cancelled'; if a person asks: 'resumed', or 'sent' for only the first turn
--       8 time (ISO 8601)  9 ttl ms  10 words  11 '1' to keep the answer only if its turn was chosen, that is, if the
--       conversation points at its stream
-- Returns {last change (ISO 8601), bytes of the chat, a guest's network address or '', 1 if it is temporary or '', when it was
--   archived or '', the other stream it points at now or '', the id of its room or ''}, or {} if there is no such conversation.
local chat, queue = KEYS[1], KEYS[2]
local stream, id, parent, chars, bytes, packed = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local how, time, ttl, words, only_if_asked = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11] == '1'
local asked_by_person = how == 'resumed' or how == 'sent'

-- The answer of a removed turn is not kept: the conversation never pointed at its stream.
local function keep()
  if stream == '' or (only_if_asked and redis.call('HGET', chat, 'stream') ~= stream) then return end
  add_message(chat, id, 'a', parent, chars, bytes, packed, words)
end

-- Returns whether this call cleared the pointer. A repeated call does not, so it chooses no other turn.
local function clear()
  if stream == '' or redis.call('HGET', chat, 'stream') ~= stream then return false end
  redis.call('HDEL', chat, 'stream', 'streamAt')
  redis.call('HSET', chat, 'updatedAt', time, 'lastStream', stream, 'lastMessage', id,
    'lastStatus', how, 'lastEndedAt', time)
  place_said(chat, id)
  return true
end

local function forget(turn)
  redis.call('HDEL', chat, 'q:' .. turn, 'qm:' .. turn, 'qw:' .. turn, 'qa:' .. turn, 'qb:' .. turn)
end

-- Returns whether a turn may be chosen, and drops it if its member may not ask any more. The next process that checks the stream
-- of a dropped turn cancels that stream (begin-turn.ts).
local function may_be_chosen(turn)
  if redis.call('HEXISTS', chat, 'q:' .. turn) == 0 then return false end
  if not refusal_of(chat, redis.call('HGET', chat, 'qa:' .. turn) or '', 'editor') then return true end
  forget(turn)
  return false
end

-- Takes the next turn out of the queue. Returns its id, or nil if none is chosen.
local function choose(has_ended)
  if how == 'resumed' then redis.call('HDEL', chat, 'paused') end
  local interrupted = redis.call('HGET', chat, 'interrupted')
  if has_ended then redis.call('HDEL', chat, 'interrupted') end
  if redis.call('LLEN', queue) == 0 or redis.call('HEXISTS', chat, 'stream') == 1 then return nil end
  if has_ended and interrupted ~= stream then
    if how ~= 'completed' then redis.call('HSET', chat, 'paused', 1) end
    if redis.call('HEXISTS', chat, 'paused') == 1 then return nil end
  elseif not has_ended and not asked_by_person then
    return nil
  end
  local turn
  repeat turn = redis.call('LPOP', queue) until not turn or may_be_chosen(turn)
  if not turn then redis.call('HDEL', chat, 'paused') end
  return turn
end

local function place(turn)
  local facts = redis.call('HMGET', chat, 'q:' .. turn, 'qm:' .. turn, 'qw:' .. turn)
  local next_stream, question, after, its_chars, its_bytes = string.match(facts[1], '^(%S+) (%S+) (%S+) (%d+) (%d+) ')
  if after == '>' then after = redis.call('HGET', chat, 'newest') or '' elseif after == '/' then after = '' end
  if facts[2] then add_message(chat, question, 'u', after, its_chars, its_bytes, facts[2], facts[3] or '') end
  forget(turn)
  redis.call('HSET', chat, 'stream', next_stream, 'streamAt', time, 'updatedAt', time)
  if redis.call('LLEN', queue) == 0 then redis.call('HDEL', chat, 'paused') end
end

local function expire()
  if redis.call('HEXISTS', chat, 'temporary') == 0 then redis.call('PEXPIRE', chat, ttl) end
  redis.call('PEXPIRE', queue, redis.call('PTTL', chat))
end

if redis.call('HEXISTS', chat, 'createdAt') == 0 then return {} end
keep()
local was_cleared = clear()
local turn = choose(was_cleared)
if turn then place(turn) end
expire()
if was_cleared then
  ring(chat, bell_of(chat), 'turn', '')
elseif turn or asked_by_person then
  ring(chat, bell_of(chat), 'queue', '')
end
local now = redis.call('HMGET', chat, 'updatedAt', 'bytes', 'address', 'temporary', 'archivedAt', 'stream', 'room')
local points_at = now[6] and now[6] ~= stream and now[6] or ''
return {now[1], tonumber(now[2] or 0), now[3] or '', now[4] or '', now[5] or '', points_at, now[7] or ''}
