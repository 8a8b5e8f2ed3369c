import { queuedTurnPatchSchema, queueSchema } from '../../../../shared/chat/chat.ts';
import { queueOf } from '../../../access/access.ts';
import { endpoint } from '../../endpoint.ts';
import { queuedParams } from '../../parameters.ts';

export const changeQueued = endpoint({
  method: 'PATCH',
  path: '/chats/:chatId/queue/:messageId',
  operationId: 'changeQueued',
  summary: 'Edit a turn that waits, or move it',
  tag: 'chats',
  params: queuedParams,
  body: queuedTurnPatchSchema,
  answers: { 200: { description: 'The turns in their order', schema: queueSchema } },
  errors: ['not_waiting', 'quota_exceeded'],
  async handle({ params, body, caller }, { access, manager }) {
    const chat = await access.chat(caller, params.chatId, 'editor');
    return manager.queue.change(queueOf(chat), params.messageId, body);
  },
});
