import { z } from 'zod';

/** Chat and message ids are chosen by clients; stream ids are derived from them by the sidecar. All look like this. */
export const ID_PATTERN = /^[A-Za-z0-9_-]{1,128}$/;

export const idSchema = z.string().regex(ID_PATTERN, 'must be 1 to 128 of A-Z a-z 0-9 _ -');
