import { z } from 'zod';
import { streamStatusSchema } from '../shared/stream/stream.ts';

/** PROTOCOL.md 12.2: the state copy at `stream:<id>`, as `redis-cli get` shows it. */
export const streamCopySchema = z.object({
  chatId: z.string(),
  messageId: z.string(),
  userId: z.string(),
  modelId: z.string(),
  messages: z.array(z.unknown()),
  accumulatedContent: z.string(),
  status: streamStatusSchema,
  startTime: z.string(),
  lastActivity: z.string(),
  position: z.number().int(),
  epoch: z.string(),
});
