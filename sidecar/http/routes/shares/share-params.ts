import { z } from 'zod';
import { idSchema } from '../../../../shared/ids.ts';
import type { Opener } from '../../../shares/read-shares.ts';
import type { Caller } from '../../auth.ts';

export const shareParams = z.object({
  shareId: idSchema.meta({
    description: 'The id of a public page. The secret in its URL is accepted, too.',
    examples: ['n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'],
  }),
});

export const openerOf = ({ userId, address }: Caller): Opener => ({ userId, address });
