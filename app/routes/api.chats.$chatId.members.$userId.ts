import { memberPatchSchema } from '../../shared/chat/rooms.ts';
import { apiRoute } from '~/http/api-route.server.ts';
import { readBody } from '~/http/read-body.server.ts';
import { changeMember, removeMember } from '~/rooms/rooms.server.ts';

/** PROTOCOL.md 5.9. `PATCH` changes a member's role or the caller's name. `DELETE` removes a member, or the caller. */
const route = apiRoute({
  PATCH: async ({ request, param, user }) => {
    const patch = await readBody(request, memberPatchSchema);
    return Response.json(await changeMember(user, param('chatId'), { ...patch, userId: param('userId') }));
  },
  DELETE: async ({ param, user }) => {
    await removeMember(user, param('chatId'), param('userId'));
    return new Response(null, { status: 204 });
  },
});
export const loader = route.loader;
export const action = route.action;
