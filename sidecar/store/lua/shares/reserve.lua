#!lua
-- Puts a public page into its owner's list of pages, or changes the time at which the page leaves the list.
-- KEYS  1 user_shares (sorted set: page id, scored with the time at which the page expires)
-- ARGV  1 maximum number of pages, 0: any number  2 when the page expires (ms since 1970)  3 id of the page
-- Returns 1 if the page is in the list now, 0 if the list is full.
local index = KEYS[1]
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', index, '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
local most, is_new = tonumber(ARGV[1]), not redis.call('ZSCORE', index, ARGV[3])
if is_new and most > 0 and redis.call('ZCARD', index) >= most then return 0 end
redis.call('ZADD', index, ARGV[2], ARGV[3])
redis.call('PEXPIREAT', index, redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')[2])
return 1
