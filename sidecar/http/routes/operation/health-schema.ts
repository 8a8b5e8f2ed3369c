import { z } from 'zod';

/** The answer of `/healthz` and `/readyz`. */
export const healthSchema = z.object({
  status: z.string().meta({ description: 'One word or a short reason, for people.', examples: ['ready'] }),
});

/** The answer of `/readyz` while this process accepts no new answers. */
export const unreadySchema = healthSchema.extend({
  problem: z
    .string()
    .optional()
    .meta({ description: 'What is wrong with Redis, as a stable word.', examples: ['full'] }),
  reason: z
    .string()
    .optional()
    .meta({
      description: 'The same as a sentence.',
      examples: ['Redis is full and refuses new data (OOM, maxmemory reached).'],
    }),
  remedy: z
    .string()
    .optional()
    .meta({ description: 'What an operator can do.', examples: ['Raise maxmemory.'] }),
});
