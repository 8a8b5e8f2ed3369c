#!lua flags=allow-oom
-- Deletes a template.
-- KEYS  1 template
-- ARGV  1 the tags that it may have, divided by spaces, or `any`
-- Returns `absent` or `changed` without having done anything, otherwise `done`.
local template, condition = KEYS[1], ARGV[1]
local before = redis.call('HGET', template, 'tag')
if not before then return 'absent' end
if condition ~= 'any' and not string.find(' ' .. condition .. ' ', ' ' .. before .. ' ', 1, true) then
  return 'changed'
end
redis.call('UNLINK', template)
return 'done'
