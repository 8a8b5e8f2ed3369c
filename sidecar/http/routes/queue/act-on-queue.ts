import { queueActionSchema, queueSchema } from '../../../../shared/chat/chat.ts';
import { queueOf } from '../../../access/access.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const actOnQueue = endpoint({
  method: 'POST',
  path: '/chats/:chatId/queue',
  operationId: 'actOnQueue',
  summary: 'Resume or discard the turns that wait, or send one of them now',
  description:
    '`send` puts the turn at the front and stops the answer that is being written. What was written of this answer is kept.',
  tag: 'chats',
  params: chatParams,
  body: queueActionSchema,
  answers: { 200: { description: 'The turns that still wait', schema: queueSchema } },
  errors: ['not_waiting'],
  async handle({ params, body, caller }, { access, manager }) {
    const chat = await access.chat(caller, params.chatId, 'editor');
    return manager.queue.act(queueOf(chat), body);
  },
});
