import { tool, type ToolSet } from 'ai';
import { CURRENT_TIME, currentTime, currentTimeInputSchema } from './current-time.ts';

/** What models may call, by the name they call it by. Tools run here, on the server, and have no side effects. */
export function createTools({ now }: { now: () => Date }): ToolSet {
  return {
    [CURRENT_TIME]: tool({
      description: 'The current date and time in a place.',
      inputSchema: currentTimeInputSchema,
      execute: (input) => currentTime(input, now()),
    }),
  };
}
