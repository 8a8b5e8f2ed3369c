import { randomBytes } from 'node:crypto';
import { createCookieSessionStorage } from '@remix-run/node';

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const OFFERED = 'rejoin_guest';
const KEPT = 'rejoin_guest_kept';

export interface Guest {
  userId: string;
  /** Something was begun under this guest, and the browser knows it. */
  isKept: boolean;
  /** The `Set-Cookie` header that makes a browser this guest, where it does not have it yet. */
  setCookie?: string;
}

/**
 * People without an account: each browser is one, known by a signed cookie that scripts cannot read.
 *
 * A browser that opens two pages at once, both without a cookie, is offered two guests, and the later offer replaces the
 * earlier one. So what is begun is begun under a second cookie, which no offer replaces and which counts before it.
 */
export function createGuestSessions({ secret, secure }: { secret: string; secure: boolean }) {
  const storageOf = (name: string) =>
    createCookieSessionStorage<{ userId: string }>({
      cookie: {
        name,
        secrets: [secret],
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
        maxAge: YEAR_SECONDS,
        secure,
      },
    });
  const offered = storageOf(OFFERED);
  const kept = storageOf(KEPT);

  const userIdIn = async (storage: typeof kept, cookie: string | null) =>
    (await storage.getSession(cookie).catch(() => null))?.get('userId');

  async function cookieOf(storage: typeof kept, userId: string): Promise<string> {
    const session = await storage.getSession();
    session.set('userId', userId);
    return storage.commitSession(session);
  }

  return {
    /** The guest of these cookies; `null` without one, or with none that was signed here. */
    async read(cookie: string | null): Promise<Guest | null> {
      const keptId = await userIdIn(kept, cookie);
      if (keptId) return { userId: keptId, isKept: true };
      const offeredId = await userIdIn(offered, cookie);
      return offeredId ? { userId: offeredId, isKept: false } : null;
    },
    async begin(): Promise<Guest> {
      const userId = `guest_${randomBytes(16).toString('base64url')}`;
      return { userId, isKept: false, setCookie: await cookieOf(offered, userId) };
    },
    /** The `Set-Cookie` header after which the browser stays this guest, whatever it is offered. */
    keep: (userId: string): Promise<string> => cookieOf(kept, userId),
  };
}
