#!lua flags=allow-oom
-- Writes an answer that has ended into its conversation, then clears the pointer: in that order and at once, so that
-- the answer is always to be found in one of the two places. Nothing where the conversation was deleted.
-- KEYS  1 chat
-- ARGV  1 stream id  2 message field  3 message (JSON)  4 message id  5 status  6 time (ISO 8601)  7 ttl ms
-- Returns 1 when written, 0 when there is no such conversation.
if redis.call('HEXISTS', KEYS[1], 'createdAt') == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
if redis.call('HGET', KEYS[1], 'stream') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'stream', 'streamAt')
  redis.call('HSET', KEYS[1], 'updatedAt', ARGV[6], 'lastStream', ARGV[1], 'lastMessage', ARGV[4],
    'lastStatus', ARGV[5], 'lastEndedAt', ARGV[6])
end
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return 1
