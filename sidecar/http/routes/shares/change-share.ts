import { sharePatchSchema, shareSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { shareParams } from './share-params.ts';

export const changeShare = endpoint({
  method: 'PATCH',
  path: '/shares/:shareId',
  operationId: 'changeShare',
  summary: 'Change what a public page shows and when it expires, or update a snapshot',
  description:
    'Options take effect at once. The exception is `versions`: a snapshot contains other versions of its messages only if `versions` was on when its revision was made. ' +
    '`update` makes the next revision of a snapshot, at the same URL. The new revision shows the same path of the chat, unless `leaf` names a message on another path.',
  tag: 'shares',
  addsLoad: true,
  params: shareParams,
  body: sharePatchSchema,
  answers: { 200: { description: 'The page after the change', schema: shareSchema } },
  errors: ['title_too_long', 'share_changed', 'quota_exceeded'],
  handle: ({ params, body, caller }, { shares }) => shares.patch(caller, params.shareId, body),
});
