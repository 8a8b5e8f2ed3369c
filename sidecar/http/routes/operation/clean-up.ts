import { RejoinError } from '../../../../shared/errors.ts';
import { cleanupAnswerSchema, cleanupRequestSchema } from '../../../../shared/stream/stream.ts';
import { endpoint } from '../../endpoint.ts';

/** Time for one cleanup request, in ms. It must be shorter than the app's timeout for requests to the sidecar. */
const WITHIN_MS = 6000;

export const cleanUp = endpoint({
  method: 'POST',
  path: '/cleanup',
  operationId: 'cleanUp',
  summary: 'Remove streams that have ended',
  description:
    "`expired` removes the streams that have ended and whose lifetime is over. `force` removes every stream that has ended, and every stream that lost the process that wrote it. Turns that wait are kept. The request applies to the caller's own streams, or, from an administrator, to the streams of all users. If the response has `more`, send the same request again to continue.",
  tag: 'operation',
  body: cleanupRequestSchema.prefault({}),
  answers: { 200: { description: 'What the cleanup did, as counts', schema: cleanupAnswerSchema } },
  async handle({ body: { action }, caller }, { cleanup }) {
    const answer = await cleanup.run({
      action,
      userId: caller.isAdmin ? undefined : caller.userId,
      withinMs: WITHIN_MS,
    });
    if (answer !== null) return answer;
    throw new RejoinError('rate_limited', {
      detail: 'Another cleanup is running. Try again in a moment.',
      retryAfterSeconds: 2,
    });
  },
});
