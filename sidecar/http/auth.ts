import { webcrypto } from 'node:crypto';
import { jwtVerify } from 'jose';
import {
  bearerToken,
  reasonOfJose,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  tokenClaimsSchema,
  unauthorized,
} from '../../shared/token.ts';

/** The user for whom a request acts. */
export interface Caller {
  userId: string;
  isAdmin: boolean;
  /** A guest's network address, as a keyed hash; `null` for other users. */
  address: string | null;
}

const MAX_CACHED = 10_000;

/** Reads the caller from an `Authorization` header. Throws `unauthorized`. */
export function createAuth({ secret }: { secret: string }): (authorization: string | undefined) => Promise<Caller> {
  // The key is imported once. Given raw bytes, jose would import them again for each verification.
  const key = webcrypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
  /** Callers by token. A reader sends the same token at each reconnection. So the signature of a token is usually checked only once. */
  const known = new Map<string, { caller: Caller; expiresAt: number }>();

  return async function authenticate(authorization) {
    const token = bearerToken(authorization);
    if (token === undefined) throw unauthorized(authorization ? 'not_bearer' : 'missing');
    if (token === '') throw unauthorized('missing');
    const cached = known.get(token);
    if (cached && cached.expiresAt > Date.now()) return cached.caller;
    known.delete(token);
    const claims = await verify(token);
    const caller = { userId: claims.sub, isAdmin: claims.admin === true, address: claims.address ?? null };
    if (known.size >= MAX_CACHED) known.delete(known.keys().next().value!);
    known.set(token, { caller, expiresAt: claims.exp * 1000 });
    return caller;
  };

  async function verify(token: string) {
    try {
      const { payload } = await jwtVerify(token, await key, {
        algorithms: [TOKEN_ALGORITHM],
        audience: TOKEN_AUDIENCE,
        requiredClaims: ['sub', 'exp'],
      });
      return tokenClaimsSchema.parse(payload);
    } catch (cause) {
      throw unauthorized(reasonOfJose(cause), cause);
    }
  }
}
