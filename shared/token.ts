import { z } from 'zod';

/**
 * How a caller proves to the sidecar for whom it acts: a JWT, HS256 with `SIDECAR_SECRET`, short-lived.
 * `sub` is the user id, `aud` is {@link TOKEN_AUDIENCE}, `exp` is required.
 */
export const TOKEN_AUDIENCE = 'sidecar';
export const TOKEN_ALGORITHM = 'HS256';

/** User ids come from the identity provider (Clerk: `user_…`, guests: `guest_…`) and are part of Redis keys. */
export const userIdSchema = z.string().regex(/^[A-Za-z0-9_.|@-]{1,128}$/);

export const tokenClaimsSchema = z.looseObject({
  sub: userIdSchema,
  exp: z.number(),
  /** An administrator may see and cancel everybody's streams, and clean up after everybody. */
  admin: z.boolean().optional(),
  /**
   * A guest's network address, as a hash that only the caller can make: guests are limited by it as well, because
   * who throws a cookie away is somebody else. Never logged.
   */
  address: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,64}$/)
    .optional(),
});
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;
