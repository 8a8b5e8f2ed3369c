import { cancelAnswerSchema } from '../../../../shared/stream/stream.ts';
import { endpoint } from '../../endpoint.ts';
import { streamParams } from '../../parameters.ts';

export const cancelStream = endpoint({
  method: 'DELETE',
  path: '/streams/:streamId',
  operationId: 'cancelStream',
  summary: 'Stop an answer, whichever process writes it',
  description:
    'What was written so far is kept. A start with `whenBusy: interrupt` and the deletion of the chat also stop an answer. A reader who closes the connection does not stop it. Safe to repeat.',
  tag: 'streams',
  params: streamParams,
  answers: { 200: { description: 'How the answer ended', schema: cancelAnswerSchema } },
  async handle({ params: { streamId }, caller }, { access, manager }) {
    return access.stream(caller, streamId, 'editor', ({ ownerId, actorId, role, chat }) =>
      manager.cancel(ownerId, streamId, {
        ...(role === 'administrator' ? {} : { personId: actorId }),
        member: chat?.member?.userId ?? null,
      }),
    );
  },
});
