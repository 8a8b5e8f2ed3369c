import { z } from 'zod';

/**
 * PROTOCOL.md 13: a caller proves to the sidecar for whom it acts with a short-lived JWT, signed by HS256 with
 * `SIDECAR_SECRET`. `sub` is the user id, `aud` is {@link TOKEN_AUDIENCE}, `exp` is required.
 */
export const TOKEN_AUDIENCE = 'sidecar';
export const TOKEN_ALGORITHM = 'HS256';

/** User ids come from the identity provider (Clerk: `user_…`, guests: `guest_…`). They are part of Redis keys. */
export const userIdSchema = z.string().regex(/^[A-Za-z0-9_.|@-]{1,128}$/);

export const tokenClaimsSchema = z.looseObject({
  sub: userIdSchema,
  exp: z.number(),
  /** An administrator may see and cancel everybody's streams, and clean up after everybody. */
  admin: z.boolean().optional(),
  /**
   * A keyed hash of a guest's network address. Guests are limited by address as well, because deleting the cookie makes
   * a new guest. Never logged.
   */
  address: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,64}$/)
    .optional(),
});
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;
