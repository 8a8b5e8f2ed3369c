#!lua flags=no-writes
-- Reads one version of a template and the facts about the template, in one step.
-- KEYS  1 template
-- ARGV  1 number of the version; '' reads the live version; '-' reads only the facts
-- Returns {} if there is no template, otherwise {version, JSON of this version or '', tag, live, oldest, latest, bytes, createdAt,
--   updatedAt, publishedAt or '', head of the live version (put.lua)}. `live`, `oldest` and `latest` are numbers of versions.
local template, version = KEYS[1], ARGV[1]
local known = redis.call('HMGET', template, 'tag', 'live', 'oldest', 'latest', 'bytes', 'createdAt', 'updatedAt', 'publishedAt')
if not known[1] then return {} end
if version == '' then version = known[2] end
local content = version ~= '-' and redis.call('HGET', template, 'v:' .. version)
return {version, content or '', known[1], known[2], known[3], known[4], known[5], known[6], known[7], known[8] or '',
  redis.call('HGET', template, 'h:' .. known[2])}
