import { shareRequestSchema } from '../../shared/chat/shares.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { createShare, listSharesOfChat, revokeSharesOfChat } from '~/shares/shares.server.ts';

/**
 * `/api/chats/:chatId/shares`: the public pages of a chat. `POST` makes one and returns its URL, which no later response contains.
 * `DELETE` revokes all of them.
 */
const route = apiRoute({
  GET: async ({ param, user }) => Response.json({ shares: await listSharesOfChat(user, param('chatId')) }),
  POST: async ({ request, param, user }) => {
    const body = await readBody(request, shareRequestSchema);
    const made = await createShare({ caller: user, request, chatId: param('chatId') }, body);
    return Response.json(made, { status: 201 });
  },
  DELETE: async ({ param, user }) => {
    await revokeSharesOfChat(user, param('chatId'));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
