import { roomRef, type InviteAnswer, type JoinAnswer, type MemberRole } from '../shared/chat/rooms.ts';
import type { Caller } from './caller.ts';

/** Turns a chat of the owner into a room through the API. Each member joins with a separate invite. Resolves to `~<roomId>`. */
export async function openRoom(
  owner: Caller,
  chatId: string,
  members: readonly { caller: Caller; name: string; role?: MemberRole }[] = [],
  ownerName = 'Owner',
): Promise<string> {
  let ref = '';
  const invites = members.length === 0 ? [{ role: 'editor' }] : members;
  for (const { role = 'editor', ...member } of invites as typeof members) {
    const invited = await owner.call<InviteAnswer>('POST', `/chats/${chatId}/invites`, {
      body: { role, name: ownerName },
    });
    if (invited.status !== 201) throw new Error(`no invite: status ${invited.status}, ${invited.text}`);
    ref = roomRef(invited.body.roomId);
    if (member.caller === undefined) continue;
    const body = { token: invited.body.token, name: member.name };
    const joined = await member.caller.call<JoinAnswer>('POST', '/joins', { body });
    if (joined.status !== 200) throw new Error(`not joined: status ${joined.status}, ${joined.text}`);
  }
  return ref;
}
