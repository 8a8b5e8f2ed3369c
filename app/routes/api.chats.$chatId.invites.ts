import { inviteRequestSchema } from '../../shared/chat/rooms.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { publicAddress } from '~/http/public-address.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { knownName } from '~/rooms/person-name.server.ts';
import { listInvites, makeInvite, revokeInvites } from '~/rooms/rooms.server.ts';

/** PROTOCOL.md 5.9. `POST` makes an invite and returns its URL, which no later response contains. `DELETE` revokes all invites. */
const route = apiRoute({
  GET: async ({ param, user }) => Response.json({ invites: await listInvites(user, param('chatId')) }),
  POST: async ({ request, param, user }) => {
    const asked = await readBody(request, inviteRequestSchema);
    const name = asked.name ?? knownName(request, user);
    const { inviteId, token } = await makeInvite(user, param('chatId'), { ...asked, ...(name ? { name } : {}) });
    return Response.json({ inviteId, url: publicAddress(request, `/join/${token}`) }, { status: 201 });
  },
  DELETE: async ({ param, user }) => {
    await revokeInvites(user, param('chatId'));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
