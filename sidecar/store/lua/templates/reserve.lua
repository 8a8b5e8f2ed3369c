#!lua
-- Puts templates that are about to be created into a person's list. They get a negative score, so they are not shown yet.
-- KEYS  1 user_templates
-- ARGV  1 maximum number of templates  2 ttl ms  3 the score: the present time, negated  4… ids
-- Returns `done`. If nothing was done: `exists` (one of the templates has already been created) or `full` (the list would have
--   too many templates).
local index, new = KEYS[1], 0
for i = 4, #ARGV do
  local score = redis.call('ZSCORE', index, ARGV[i])
  if score and tonumber(score) > 0 then return 'exists' end
  if not score then new = new + 1 end
end
if redis.call('ZCARD', index) + new > tonumber(ARGV[1]) then return 'full' end
for i = 4, #ARGV do redis.call('ZADD', index, 'NX', ARGV[3], ARGV[i]) end
redis.call('PEXPIRE', index, ARGV[2])
return 'done'
