import { memberListSchema } from '../../../../shared/chat/rooms.ts';
import { endpoint } from '../../endpoint.ts';
import { chatParams } from '../../parameters.ts';

export const listMembers = endpoint({
  method: 'GET',
  path: '/chats/:chatId/members',
  operationId: 'listMembers',
  summary: 'List the people in a conversation, its owner first',
  tag: 'rooms',
  params: chatParams,
  answers: { 200: { description: 'The people with a role in the conversation', schema: memberListSchema } },
  async handle({ params, caller }, { access, members }) {
    const chat = await access.chat(caller, params.chatId, 'viewer');
    return { members: await members.list(chat) };
  },
});
