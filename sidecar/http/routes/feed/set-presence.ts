import { RejoinError } from '../../../../shared/errors.ts';
import { presenceSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const setPresence = endpoint({
  method: 'POST',
  path: '/chats/:chatId/presence',
  operationId: 'setPresence',
  summary: 'Report that the caller is typing in a room, or has stopped',
  description:
    'The sidecar forgets after 5 s that a person is typing, so repeat the request every few seconds. `tab` must be the one that the same page sent with the request for its feed.',
  tag: 'rooms',
  params: chatParams,
  body: presenceSchema,
  answers: { 204: 'Noted' },
  async handle({ params, body: { tab, typing }, caller, reply }, { access, feeds }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId, 'viewer');
    const now = await feeds.type({ ownerId, chatId }, { userId: caller.userId, tab }, typing);
    if (now === null) throw new RejoinError('not_found');
    return reply.code(204).send();
  },
});
