-- PROTOCOL.md 5.9. Shared by the scripts that write for a member. `sidecar/access` has already checked the member's role. The script
-- that writes reads the role again, because the role may have been changed or taken away since that check.
-- A member is kept in the field u:<user id> as JSON (join.lua).
-- `actor`: user id of the member, or '' for the owner. `needed`: the smallest role that suffices, 'viewer' or 'editor'.
-- Returns nil if the actor is the owner or has a role that suffices, 'no-role' if the actor has no role, else 'small-role'.
local function refusal_of(chat, actor, needed)
  if actor == '' then return nil end
  local kept = redis.call('HGET', chat, 'u:' .. actor)
  if not kept then return 'no-role' end
  if needed == 'editor' and cjson.decode(kept).role ~= 'editor' then return 'small-role' end
  return nil
end
