import type { z } from 'zod';
import { CURRENT_TIME, currentTime, currentTimeInputSchema } from './current-time.ts';

/** A tool that a model can call. It runs on the server. It must not have side effects, because it may run again after a takeover. */
export interface Tool<Input> {
  description: string;
  inputSchema: z.ZodType<Input>;
  /** If `execute` throws an error, the error's message is sent to the model and shown to the person. */
  execute(input: Input): unknown;
}

/** All tools, by the names under which models call them. */
export function createTools({ now }: { now: () => Date }) {
  return {
    [CURRENT_TIME]: {
      description: 'The current date and time in a place.',
      inputSchema: currentTimeInputSchema,
      execute: (input) => currentTime(input, now()),
    } satisfies Tool<z.infer<typeof currentTimeInputSchema>>,
  };
}
