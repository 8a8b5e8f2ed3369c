import { cleanName } from '../../shared/chat/rooms.ts';
import type { User } from '~/auth/auth.server.ts';

const COOKIE = /(?:^|;\s*)rejoin_name=([\w.~%!'()*-]{1,1000})(?:;|$)/;
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/**
 * The name that a form suggests: the name of the person's account, otherwise the name that was last given in this browser;
 * `null` if neither is known. A forged cookie does no harm, because people choose their names themselves.
 */
export function knownName(request: Request, { name }: Pick<User, 'name'>): string | null {
  const remembered = COOKIE.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
  return cleanName(name ?? '') || cleanName(decoded(remembered)) || null;
}

/** The `Set-Cookie` header that remembers a name in this browser. */
export const nameCookie = (name: string): string =>
  `rejoin_name=${encodeURIComponent(cleanName(name))}; Max-Age=${YEAR_SECONDS}; Path=/; HttpOnly; SameSite=Lax`;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // `%` without two hexadecimal digits after it, or bytes that are not UTF-8
  }
}
