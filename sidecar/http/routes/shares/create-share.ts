import { shareAnswerSchema, shareRequestSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const createShare = endpoint({
  method: 'POST',
  path: '/chats/:chatId/shares',
  operationId: 'createShare',
  summary: 'Make a public page of a conversation',
  description:
    'A `snapshot` stays as it is until it is updated. A `live` page shows the conversation as it is when somebody opens it, with the ' +
    'answer that is being written. No other response contains the `secret` in the URL of the page, because only the ' +
    'SHA-256 of the secret is stored.',
  tag: 'shares',
  addsLoad: true,
  params: chatParams,
  body: shareRequestSchema,
  answers: { 201: { description: 'Made', schema: shareAnswerSchema } },
  errors: ['title_too_long', 'shares_off', 'too_many_shares', 'quota_exceeded'],
  async handle({ params, body, caller, reply }, { access, shares }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId);
    const answer = await shares.create({ userId: ownerId, address: caller.address }, chatId, body);
    return reply.code(201).send(answer);
  },
});
