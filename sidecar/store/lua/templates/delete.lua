#!lua flags=allow-oom
-- Deletes a template.
-- A tag names one state of a template, like an ETag: each change gives the template a new tag.
-- KEYS  1 template
-- ARGV  1 the tags that the template may have, divided by spaces, or `any`
-- Returns `done`. If nothing was done: `absent` (there is no template) or `changed` (the template has another tag).
local template, condition = KEYS[1], ARGV[1]
local before = redis.call('HGET', template, 'tag')
if not before then return 'absent' end
if condition ~= 'any' and not string.find(' ' .. condition .. ' ', ' ' .. before .. ' ', 1, true) then
  return 'changed'
end
redis.call('UNLINK', template)
return 'done'
