import { apiRoute } from '~/http/api-route.server.ts';
import { listRooms } from '~/rooms/rooms.server.ts';

/** PROTOCOL.md 5.9. `GET /api/rooms`: the rooms in which the caller is a member, most recently changed first. */
const route = apiRoute({
  GET: async ({ user }) => Response.json({ rooms: await listRooms(user) }),
});
export const loader = route.loader;
export const action = route.action;
