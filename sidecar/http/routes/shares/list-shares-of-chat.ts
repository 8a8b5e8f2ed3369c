import { shareListSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const listSharesOfChat = endpoint({
  method: 'GET',
  path: '/chats/:chatId/shares',
  operationId: 'listSharesOfChat',
  summary: 'List the public pages of a conversation',
  tag: 'shares',
  params: chatParams,
  answers: { 200: { description: 'The newest first', schema: shareListSchema } },
  async handle({ params, caller }, { access, shares }) {
    const { ownerId, chatId } = await access.chat(caller, params.chatId);
    return { shares: await shares.ofChat(ownerId, chatId) };
  },
});
