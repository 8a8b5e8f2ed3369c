import { createSecretKey } from 'node:crypto';
import { SignJWT } from 'jose';

/** A token for the sidecar. By default it is valid for a minute. */
export function sidecarToken({
  secret,
  userId = 'alice',
  audience = 'sidecar',
  expiresInSeconds = 60 as number | null,
  claims = {},
}: {
  secret: string;
  userId?: string;
  audience?: string;
  /** `null`: the token never expires. */
  expiresInSeconds?: number | null;
  claims?: Record<string, unknown>;
}): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setSubject(userId).setAudience(audience);
  if (expiresInSeconds !== null) token.setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds);
  return token.sign(createSecretKey(Buffer.from(secret)));
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that claims to need no signature. */
export const unsignedToken = (claims: Record<string, unknown>): string =>
  `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.`;
