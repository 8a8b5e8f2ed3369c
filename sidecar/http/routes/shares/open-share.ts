import { sharedPageSchema, sharedRequestSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { openerOf } from './share-params.ts';

export const openShare = endpoint({
  method: 'POST',
  path: '/shared',
  operationId: 'openShare',
  summary: 'Read a public page by the secret in its URL',
  description:
    'For the app, on behalf of anybody who has the URL. The secret is in the body, because URLs are logged. The response has only ' +
    'what the owner of the page shows.',
  tag: 'shares',
  addsLoad: true,
  body: sharedRequestSchema,
  answers: { 200: { description: 'What the page shows', schema: sharedPageSchema } },
  errors: ['not_found', 'share_changed'],
  handle: ({ body, caller }, { shareReading }) =>
    shareReading.open(openerOf(caller), body.secret, { counts: body.counts }),
});
