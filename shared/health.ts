import { z } from 'zod';

/** The response of `/healthz`, and of the sidecar's `/readyz` while the sidecar accepts new starts. */
export const healthSchema = z.object({
  status: z.string().meta({ description: 'One word or a short reason, for people.', examples: ['ready'] }),
});

/**
 * The response of the sidecar's `/readyz` while the sidecar accepts no new starts. While the sidecar shuts down, the response has only
 * `status`.
 */
export const unreadySchema = healthSchema.extend({
  problem: z
    .string()
    .optional()
    .meta({ description: 'What is wrong with Redis, as a stable word.', examples: ['full'] }),
  reason: z
    .string()
    .optional()
    .meta({
      description: 'What is wrong with Redis, as a sentence.',
      examples: ['Redis is full and refuses new data (OOM, maxmemory reached).'],
    }),
  remedy: z
    .string()
    .optional()
    .meta({ description: 'What an operator can do.', examples: ['Raise maxmemory.'] }),
});
export type Unready = z.infer<typeof unreadySchema>;
