import { z } from 'zod';

/** PROTOCOL.md 5.1: the form of chat, message and stream ids. */
export const MAX_ID_CHARS = 128;
export const ID_PATTERN = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_ID_CHARS}}$`);

export const idSchema = z.string().regex(ID_PATTERN, `must be 1 to ${MAX_ID_CHARS} of A-Z a-z 0-9 _ -`);
