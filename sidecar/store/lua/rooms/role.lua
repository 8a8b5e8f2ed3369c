-- PROTOCOL.md 5.9. Shared by the scripts that write for a member. `sidecar/access` has checked their role already. It is read again
-- in the step that writes, because it may have been taken away since.
-- A member is kept in the field u:<user id> as JSON (join.lua).
-- Returns nil for the owner ('' as the actor) and for a member who may do what `needed` ('viewer' or 'editor') may. Otherwise
--   'no-role' or 'small-role'.
local function refusal_of(chat, actor, needed)
  if actor == '' then return nil end
  local kept = redis.call('HGET', chat, 'u:' .. actor)
  if not kept then return 'no-role' end
  if needed == 'editor' and cjson.decode(kept).role ~= 'editor' then return 'small-role' end
  return nil
end
