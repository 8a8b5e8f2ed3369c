import { chatDeletionQuerySchema, chatPatchSchema, chatQuerySchema } from '../../shared/chat/chat.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { readQuery } from '~/http/read-query.server.ts';
import { deleteChat, getChat, patchChat } from '~/sidecar-client/sidecar.server.ts';

/**
 * `/api/chats/:chatId?leaf=&at=&before=&limit=`: a page of a conversation, by default the end of its newest branch. The response has
 * a field `before`. With its value as the parameter `before`, a request gets the page of older messages. `PATCH` changes what
 * `chatPatchSchema` lists.
 */
const route = apiRoute({
  GET: async ({ request, param, user }) =>
    Response.json(await getChat(user, param('chatId'), readQuery(request, chatQuerySchema))),
  PATCH: async ({ request, param, user }) => {
    const changed = await patchChat(user, param('chatId'), await readBody(request, chatPatchSchema));
    return changed === null ? new Response(null, { status: 204 }) : Response.json(changed);
  },
  DELETE: async ({ request, param, user }) => {
    await deleteChat(user, param('chatId'), readQuery(request, chatDeletionQuerySchema));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
