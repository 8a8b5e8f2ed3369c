import { SignJWT } from 'jose';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE } from '../../shared/token.ts';

export interface SidecarTokenOptions {
  secret: string;
  userId: string;
  isAdmin: boolean;
  /** For example `90s`, `15m`, `12h`. */
  ttl: string;
}

/** Makes a token for calling the sidecar as `userId`. */
export function signSidecarToken({ secret, userId, isAdmin, ttl }: SidecarTokenOptions): Promise<string> {
  return new SignJWT(isAdmin ? { admin: true } : {})
    .setProtectedHeader({ alg: TOKEN_ALGORITHM })
    .setSubject(userId)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(ttl)
    .sign(new TextEncoder().encode(secret));
}
