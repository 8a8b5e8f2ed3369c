import { sharePatchSchema, shareSchema } from '../../../../shared/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { shareParams } from './share-params.ts';

export const changeShare = endpoint({
  method: 'PATCH',
  path: '/shares/:shareId',
  operationId: 'changeShare',
  summary: 'Change what a public page shows and when it expires, or update a snapshot',
  description:
    'Options take effect at once. `update` makes the next revision of a snapshot, at the same URL. The path that it shows does not change, unless `leaf` names another one. ' +
    'Other versions are in a snapshot only if `versions` was on when its revision was made.',
  tag: 'shares',
  addsLoad: true,
  params: shareParams,
  body: sharePatchSchema,
  answers: { 200: { description: 'The page after the change', schema: shareSchema } },
  errors: ['title_too_long', 'share_changed', 'quota_exceeded'],
  handle: ({ params, body, caller }, { shares }) => shares.patch(caller, params.shareId, body),
});
