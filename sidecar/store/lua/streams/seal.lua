#!lua flags=allow-oom
-- PROTOCOL.md 8.1. Decides how a stream ends. The first seal wins, and from then on nothing but the end can be appended.
-- KEYS  1 log  2 meta  3 the chat. Passed only if a member of its room ends the stream, and the chat is on the same server as the stream
-- ARGV  1 suffix of the new epoch  2 outcome  3 error (JSON) or ''  4 the epoch that an active stream must have, '' for any
--       5 user id of the member (see KEYS 3), or ''
--       6 who stops the stream, if its chat has a room (JSON with user id and name), or ''
-- Returns {} when the stream is gone; {'no-role'} or {'small-role'} if the member may not end it; else
--   {this call decided the end (0, 1), status, outcome, epoch, length, lease left in ms}
local refusal = KEYS[3] and refusal_of(KEYS[3], ARGV[5], 'editor')
if refusal then return {refusal} end
local known = redis.call('HMGET', KEYS[2], 'status', 'epoch', 'outcome', 'lease', 'length')
local status, epoch, outcome = known[1], known[2], known[3]
if not status or status == 'deleted' then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length = tonumber(known[5]) or redis.call('STRLEN', KEYS[1])
local won = 0
-- A stream that waits for its turn has no owner, so any process may end it.
if status == 'queued' or status == 'active' and (ARGV[4] == '' or ARGV[4] == epoch) then
  won, status, outcome = 1, 'sealed', ARGV[2]
  epoch = (tonumber(string.match(epoch, '^%d+')) + 1) .. ARGV[1]
  redis.call('HSET', KEYS[2], 'status', status, 'outcome', outcome, 'epoch', epoch, 'sealed', length, 'sealedAt', now)
  if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], 'error', ARGV[3]) end
  if ARGV[6] ~= '' then redis.call('HSET', KEYS[2], 'stoppedBy', ARGV[6]) end
end
return {won, status, outcome or '', epoch, length, tonumber(known[4]) - now}
