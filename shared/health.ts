import { z } from 'zod';

/** The answer of `/healthz`, and of the sidecar's `/readyz` while it accepts new answers. */
export const healthSchema = z.object({
  status: z.string().meta({ description: 'One word or a short reason, for people.', examples: ['ready'] }),
});

/** The answer of the sidecar's `/readyz` while it accepts no new answers. The last three are missing while it drains. */
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
export type Unready = z.infer<typeof unreadySchema>;
