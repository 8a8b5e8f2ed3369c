import { forkAnswerSchema } from '../../../../shared/chat/forks.ts';
import { sharedCopyRequestSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { openerOf } from './share-params.ts';

export const copySharedPage = endpoint({
  method: 'POST',
  path: '/shared/copies',
  operationId: 'copyShare',
  summary: 'Copy what a public page shows into a new conversation of the caller',
  description:
    'The owner of the page must allow copies (`copy`). If the page no longer has the messages that were read (`tag`), the request fails with `share_changed`. Safe to repeat with the same `forkId`.',
  tag: 'shares',
  addsLoad: true,
  body: sharedCopyRequestSchema,
  answers: {
    200: { description: 'The same request was sent before. This is its conversation.', schema: forkAnswerSchema },
    201: { description: 'Made', schema: forkAnswerSchema },
  },
  errors: [
    'not_found',
    'role_required',
    'share_changed',
    'chat_exists',
    'quota_exceeded',
    'too_many_chats',
    'too_many_messages',
  ],
  async handle({ body, caller, reply }, { copyShare }) {
    const { created, answer } = await copyShare(openerOf(caller), body);
    return reply.code(created ? 201 : 200).send(answer);
  },
});
