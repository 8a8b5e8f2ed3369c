import { chatPatchSchema, chatSummarySchema } from '../../../../shared/chat.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const changeChat = endpoint({
  method: 'PATCH',
  path: '/chats/:chatId',
  operationId: 'changeChat',
  summary: 'Rename, pin or archive a conversation, set its instructions, or mark it as read',
  tag: 'chats',
  params: chatParams,
  body: chatPatchSchema,
  errors: ['title_too_long'],
  answers: { 200: { description: 'The conversation after the change', schema: chatSummarySchema } },
  handle({ params, body, caller }, { access, chats }) {
    const { ownerId, chatId } = access.chat(caller, params.chatId);
    return chats.patch(ownerId, chatId, body);
  },
});
