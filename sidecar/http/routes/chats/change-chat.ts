import { chatPatchSchema, chatSummarySchema } from '../../../../shared/chat/chat.ts';
import { shownSummary } from '../../../access/shown.ts';
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
  answers: {
    200: { description: 'The conversation after the change', schema: chatSummarySchema },
    204: 'A member sent `read: true`. Nothing was stored, because only the owner can mark the conversation as read.',
  },
  async handle({ params, body, caller, reply }, { access, chats }) {
    // The app sends `read: true` for members, too. For members nothing is stored, so the role `viewer` is enough.
    const { read, ...changes } = body;
    const isRead = read === true && Object.values(changes).every((change) => change === undefined);
    const chat = await access.chat(caller, params.chatId, isRead ? 'viewer' : 'owner');
    if (chat.member !== null) return reply.code(204).send();
    return shownSummary(chat, await chats.patch(chat.ownerId, chat.chatId, body));
  },
});
