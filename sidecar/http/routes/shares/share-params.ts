import { z } from 'zod';
import { idSchema } from '../../../../shared/ids.ts';
import type { Opener } from '../../../shares/read-shares.ts';
import type { Caller } from '../../auth.ts';

export const shareParams = z.object({
  shareId: idSchema.meta({
    description: 'The id of a public page, as it was told when it was made. The secret of its address is taken, too.',
    examples: ['n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'],
  }),
});

export const openerOf = ({ userId, address }: Caller): Opener => ({ userId, address });
