import { z } from 'zod';
import { RejoinError } from './errors.ts';

/**
 * PROTOCOL.md 13: a short-lived JWT tells the sidecar for which user a request is. It is signed by HS256 with `SIDECAR_SECRET`.
 * `sub` is the user id, `aud` is {@link TOKEN_AUDIENCE}, `exp` is required.
 */
export const TOKEN_AUDIENCE = 'sidecar';
export const TOKEN_ALGORITHM = 'HS256';

/** User ids come from the identity provider (Clerk: `user_…`, guests: `guest_…`). They are part of Redis keys. */
export const userIdSchema = z.string().regex(/^[A-Za-z0-9_.|@-]{1,128}$/);

export const tokenClaimsSchema = z.looseObject({
  sub: userIdSchema,
  exp: z.number(),
  /** An administrator may see and cancel everybody's streams, clean up after everybody, see the analytics and publish templates. */
  admin: z.boolean().optional(),
  /**
   * A keyed hash of a guest's network address. Guests are limited by network address as well, because deleting the cookie makes
   * a new guest. Never logged.
   */
  address: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,64}$/)
    .optional(),
});
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;

/** Why a caller could not be identified: a stable word for logs and metrics. */
export const UNAUTHORIZED_REASONS = [
  'missing',
  'not_bearer',
  'malformed',
  'signature',
  'expired',
  'audience',
  'claims',
] as const;
export type UnauthorizedReason = (typeof UNAUTHORIZED_REASONS)[number];

const DETAILS: Record<UnauthorizedReason, string> = {
  missing: 'Send "Authorization: Bearer <token>". `npm run token -- <userId>` prints one.',
  not_bearer: 'The Authorization header has another scheme. Send "Authorization: Bearer <token>".',
  malformed: 'The token is not a signed JWT. `npm run token -- <userId>` prints one.',
  signature: 'The signature of the token does not match. Sign it with HS256 and the SIDECAR_SECRET of the sidecar.',
  expired:
    'The token has expired. Sign a new one. If a new token is refused as well, compare the clocks of the sidecar and of the signer.',
  audience: `The token is for another audience. Its "aud" has to be "${TOKEN_AUDIENCE}".`,
  claims: 'The token needs a user id as "sub" and an expiry time as "exp".',
};

/** The error for a caller that could not be identified. */
export const unauthorized = (reason: UnauthorizedReason, cause?: unknown): RejoinError =>
  new RejoinError('unauthorized', {
    reason,
    detail: DETAILS[reason],
    cause,
    headers: {
      'www-authenticate':
        reason === 'missing' || reason === 'not_bearer'
          ? 'Bearer realm="rejoin"'
          : `Bearer realm="rejoin", error="invalid_token", error_description="${DETAILS[reason].replaceAll('"', "'")}"`,
    },
  });

export function reasonOfJose(error: unknown): UnauthorizedReason {
  const { code, claim } = (error ?? {}) as { code?: unknown; claim?: unknown };
  if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' || code === 'ERR_JOSE_ALG_NOT_ALLOWED') return 'signature';
  if (code === 'ERR_JWT_EXPIRED') return 'expired';
  if (claim === 'aud') return 'audience';
  if (code === 'ERR_JWS_INVALID' || code === 'ERR_JWT_INVALID' || code === 'ERR_JOSE_NOT_SUPPORTED') return 'malformed';
  return 'claims';
}

/**
 * The token in an `Authorization` header; `undefined` if the header is missing or has another scheme than `Bearer`. Another scheme is no
 * error here: a proxy in front of this process may ask for a password (`Basic`), and then the header arrives with the password.
 */
export function bearerToken(authorization: string | null | undefined): string | undefined {
  const match = /^Bearer(?: (.*))?$/i.exec((authorization ?? '').trim());
  return match ? (match[1] ?? '').trim() : undefined;
}
