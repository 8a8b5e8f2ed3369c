import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';

const MAX_TITLE_CHARS = 200;

export const titleSchema = z
  .string()
  .trim()
  .min(1)
  .refine(({ length }) => length <= MAX_TITLE_CHARS, {
    message: `may have at most ${MAX_TITLE_CHARS} characters`,
    params: { code: 'title_too_long' satisfies ErrorCode },
  })
  .meta({ maxLength: MAX_TITLE_CHARS });
