import { SignJWT } from 'jose';

/** The secret of every sidecar that a test starts. */
export const SECRET = 'a-secret-that-only-tests-know';

export interface TokenOptions {
  userId?: string;
  isAdmin?: boolean;
  /** A guest's network address, as a keyed hash. */
  address?: string;
  secret?: string;
  audience?: string;
  /** Negative: the token has expired. `null`: it has no expiry. */
  expiresInSeconds?: number | null;
}

/** Signs a token. With the default values, a sidecar accepts the token; tests of refused tokens pass a wrong value. */
export function token({
  userId = 'alice',
  isAdmin = false,
  address,
  secret = SECRET,
  audience = 'sidecar',
  expiresInSeconds = 600,
}: TokenOptions = {}): Promise<string> {
  const jwt = new SignJWT({ ...(isAdmin ? { admin: true } : {}), ...(address ? { address } : {}) }).setProtectedHeader({
    alg: 'HS256',
  });
  jwt.setSubject(userId).setAudience(audience);
  if (expiresInSeconds !== null) jwt.setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds);
  return jwt.sign(new TextEncoder().encode(secret));
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token without a signature (`alg: none`). */
export const unsignedToken = (userId: string): string => {
  const claims = { sub: userId, aud: 'sidecar', exp: Math.floor(Date.now() / 1000) + 600 };
  return `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.`;
};
