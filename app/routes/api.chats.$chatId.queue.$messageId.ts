import { queuedTurnPatchSchema } from '../../shared/chat/chat.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { changeQueued, getQueued, removeQueued } from '~/sidecar-client/sidecar.server.ts';

/** PROTOCOL.md 5.8. A turn that waits: `GET` returns its whole text, `PATCH` edits or moves it, `DELETE` removes it. */
const route = apiRoute({
  GET: async ({ param, user }) => Response.json(await getQueued(user, param('chatId'), param('messageId'))),
  PATCH: async ({ request, param, user }) => {
    const patch = await readBody(request, queuedTurnPatchSchema);
    return Response.json(await changeQueued(user, param('chatId'), { ...patch, messageId: param('messageId') }));
  },
  DELETE: async ({ param, user }) => Response.json(await removeQueued(user, param('chatId'), param('messageId'))),
});
export const loader = route.loader;
export const action = route.action;
