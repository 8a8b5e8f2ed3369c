import { z } from 'zod';
import { STREAM_ERRORS, type StreamErrorCode } from './stream-error-codes.ts';

// The table is in a separate file, so that a browser can read it without loading zod.
export { STREAM_ERRORS, type NextStep, type StreamErrorCode } from './stream-error-codes.ts';

/** Why a stream ended with `error`: a stable code, and a sentence that tells the person what to do. */
export const streamErrorSchema = z.object({
  code: z.enum(Object.keys(STREAM_ERRORS) as [StreamErrorCode, ...StreamErrorCode[]]),
  text: z.string(),
});
export type StreamError = z.infer<typeof streamErrorSchema>;
