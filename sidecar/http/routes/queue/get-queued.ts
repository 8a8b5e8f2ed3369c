import { queuedTurnSchema } from '../../../../shared/chat/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { queuedParams } from '../../parameters.ts';

export const getQueued = endpoint({
  method: 'GET',
  path: '/chats/:chatId/queue/:messageId',
  operationId: 'getQueued',
  summary: 'Get a turn that waits, with its whole question',
  tag: 'chats',
  params: queuedParams,
  answers: { 200: { description: 'The turn', schema: queuedTurnSchema } },
  errors: ['not_waiting'],
  async handle({ params, caller }, { access, manager }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId, 'viewer');
    return manager.queue.readTurn(ownerId, chatId, params.messageId);
  },
});
