import type { z } from 'zod';
import { CURRENT_TIME, currentTime, currentTimeInputSchema } from './current-time.ts';

/** What a model may call. It runs here, on the server, and has no side effects, so that it may run again. */
export interface Tool<Input> {
  /** For the model. */
  description: string;
  inputSchema: z.ZodType<Input>;
  /** What it throws is told to the model and shown to the person. */
  execute(input: Input): unknown;
}

/** All tools, by the names that models call them by. */
export function createTools({ now }: { now: () => Date }) {
  return {
    [CURRENT_TIME]: {
      description: 'The current date and time in a place.',
      inputSchema: currentTimeInputSchema,
      execute: (input) => currentTime(input, now()),
    } satisfies Tool<z.infer<typeof currentTimeInputSchema>>,
  };
}
