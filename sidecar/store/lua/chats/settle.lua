#!lua flags=allow-oom
-- PROTOCOL.md 8.5 and 5.8. Ends a turn and chooses the next one. No other script chooses a turn. A turn is a question and the answer
-- to be written. Once a turn is chosen, the conversation points at the stream of the turn's answer.
-- The script runs when an answer has ended, and when a person asks for the next turn of a paused queue. Everything is one step, so a
-- turn is always either waiting or chosen, and the pointer to a stream is cleared only once the stream's answer is in the conversation.
--
--   Keep     The answer is written into its conversation.
--   Clear    The conversation's pointer to the stream of the answer is cleared, and the outcome of this stream is noted. Messages
--            that people said while the answer was being written are placed after the answer (place-said.lua).
--   Choose   The first waiting turn is chosen in three cases: the answer is complete and the queue is not `paused`; the field
--            `interrupted` names the stream of the answer (enqueue.lua, change-queue.lua); a person asked for the next turn.
--            If turns wait and an answer that was not interrupted ends by an error or a cancel, the queue is paused. A turn whose
--            asker may not ask any more is dropped instead of being chosen.
--   Place    The question of the chosen turn becomes a message, and the conversation points at the turn's stream.
--   Expire   The expiry of a conversation that is not temporary is postponed. The queue expires with its conversation.
--
-- A repeated call for the same answer only postpones the expiry. The stream of the chosen turn is begun by begin.lua, not by this
-- script.
-- KEYS  1 chat  2 queue
-- ARGV  1 stream id; '' if a person asks for the next turn  2 message id of the answer  3 parent id or ''  4 characters  5 bytes
--       6 packed message (message-codec.ts)
--       7 how the answer ended: 'completed', 'error' or 'cancelled'. If a person asks for the next turn: 'resumed' to end the
--         pause, or 'sent' to choose only one turn while the queue stays paused
--       8 time (ISO 8601)  9 ttl ms  10 words  11 '1' to keep the answer only if its turn was chosen, that is, if the
--         conversation points at the stream of the answer
-- Returns the fields {updatedAt, bytes, address, temporary, archivedAt, stream, room} of the conversation, '' for a field that is
--   not set. `stream` is the stream that the conversation points at now. Returns {} if there is no such conversation.
local chat, queue = KEYS[1], KEYS[2]
local stream, id, parent, chars, bytes, packed = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local how, time, ttl, words, only_if_asked = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11] == '1'
local asked_by_person = how == 'resumed' or how == 'sent'

-- With `only_if_asked`, the answer of a turn that was removed from the queue is not kept. The conversation never pointed at the
-- stream of such a turn.
local function keep()
  if stream == '' or (only_if_asked and redis.call('HGET', chat, 'stream') ~= stream) then return end
  add_message(chat, id, 'a', parent, chars, bytes, packed, words)
end

-- Returns whether this call cleared the pointer. A repeated call clears nothing, and therefore chooses no other turn.
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

-- Returns whether a turn may be chosen. Drops the turn if the member who asked may not ask any more. The next process that checks
-- the stream of a dropped turn cancels this stream (begin-turn.ts).
local function may_be_chosen(turn)
  if redis.call('HEXISTS', chat, 'q:' .. turn) == 0 then return false end
  if not refusal_of(chat, redis.call('HGET', chat, 'qa:' .. turn) or '', 'editor') then return true end
  forget(turn)
  return false
end

-- Takes the next turn out of the queue. Returns the id of this turn, or nil if no turn is chosen.
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
  local count, named = string.match(after, '^>(%d*)/(%S+)$')
  if named then
    after = end_of_branch(chat, newest_version(chat, named, tonumber(count)))
  elseif after == '>' then
    after = redis.call('HGET', chat, 'newest') or ''
  elseif after == '/' then
    after = ''
  end
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
