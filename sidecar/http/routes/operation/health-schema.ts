import { z } from 'zod';

/** The answer of `/healthz` and `/readyz`. */
export const healthSchema = z.object({
  status: z.string().meta({ description: 'One word or a short reason, for people.', examples: ['ready'] }),
});
