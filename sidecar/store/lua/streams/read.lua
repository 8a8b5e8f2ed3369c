#!lua flags=no-writes
-- PROTOCOL.md 3.3 and 6.4. Reads a page of a log and the state of the stream in one step.
-- KEYS  1 log  2 meta  3 state copy (checkpoint.lua)
-- ARGV  1 position to read from, or -1 for the base  2 epoch of the event id to check at this position, or ''
--       3 maximum number of bytes
-- Returns {} when there is no such stream, {'deleted'} when it was deleted, else
--   {result, position of the page, bytes of the page, length of the log, status, epoch, base, lease left in ms, user id}
-- result:
--   1    the event id is in the log, or no event id was to be checked
--   0    the event id is not in the log. The page begins at the base
--   -1   the log is packed (8.7), so the caller has to unpack the page and to check the event id. The position of the page is ARGV 1.
--        Instead of the bytes of the page, the packed blocks that contain the page are returned. Three values are added at the
--        end: position of the first block, packed lengths of the blocks, divided by spaces; dictionary or ''
local meta = redis.call('HMGET', KEYS[2], 'status', 'epoch', 'base', 'lease', 'userId', 'packed', 'length')
if not meta[1] then return {} end
if meta[1] == 'deleted' then return {'deleted'} end
local base = tonumber(meta[3])
local from, on_log = tonumber(ARGV[1]), 1
local time = redis.call('TIME')
local left = tonumber(meta[4]) - (time[1] * 1000 + math.floor(time[2] / 1000))

if meta[6] then
  local first = from < 0 and base or from
  local position, offset, count, at, begins, ends = 0, 0, 0, nil, 0, 0
  local sizes = {}
  for bytes, size in string.gmatch(meta[6], '(%d+):(%d+)') do
    count = count + 1
    -- A block that ends where the page begins is read, too, because it contains the event id.
    if position + bytes >= first and position < first + ARGV[3] then
      if not at then at, begins = position, offset end
      ends = offset + size
      sizes[#sizes + 1] = size
    end
    position = position + bytes
    offset = offset + size
  end
  local blocks = at and redis.call('GETRANGE', KEYS[1], begins, ends - 1) or ''
  local dictionary = count == 1 and redis.call('GETRANGE', KEYS[3], -131072, -1) or ''
  return {-1, from, blocks, tonumber(meta[7]), meta[1], meta[2], base, left, meta[5],
    at or 0, table.concat(sizes, ' '), dictionary}
end

-- The bytes that prove the event id (3.3) end where the page begins, so one GETRANGE reads the proof and the page.
local bytes
if from < 0 then
  from = base
elseif ARGV[2] ~= '' then
  local proof = '\nid: ' .. ARGV[2] .. '-' .. ARGV[1] .. '\n\n'
  local start = from - #proof
  local both = start < 0 and '' or redis.call('GETRANGE', KEYS[1], start, from + ARGV[3] - 1)
  if string.sub(both, 1, #proof) == proof then bytes = string.sub(both, #proof + 1) else from, on_log = base, 0 end
end
if not bytes then bytes = redis.call('GETRANGE', KEYS[1], from, from + ARGV[3] - 1) end
-- A page that is not full shows where the log ends. An empty page does not, because it may begin after the end.
local is_end = #bytes > 0 and #bytes < tonumber(ARGV[3])
local length = is_end and from + #bytes or redis.call('STRLEN', KEYS[1])
return {on_log, from, bytes, length, meta[1], meta[2], base, left, meta[5]}
