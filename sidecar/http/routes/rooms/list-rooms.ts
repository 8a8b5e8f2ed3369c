import { roomListSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';

export const listRooms = endpoint({
  method: 'GET',
  path: '/rooms',
  operationId: 'listRooms',
  summary: 'List the conversations of others of which the caller is a member, the most recently changed first',
  tag: 'rooms',
  answers: { 200: { description: 'The rooms', schema: roomListSchema } },
  handle: async ({ caller }, { listRooms: list }) => ({ rooms: await list(caller.userId) }),
});
