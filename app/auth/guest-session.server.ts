import { randomBytes } from 'node:crypto';
import { createCookieSessionStorage } from '@remix-run/node';

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const OFFERED = 'rejoin_guest';
const KEPT = 'rejoin_guest_kept';

export interface Guest {
  userId: string;
  /** True if the browser has the cookie `rejoin_guest_kept`. A guest gets it with the first request that changes something. */
  isKept: boolean;
  /** The `Set-Cookie` header that gives a new guest the cookie `rejoin_guest`. Not set for a guest who already has a cookie. */
  setCookie?: string;
}

/**
 * Guests are people without an account. Each browser is one guest, identified by a signed cookie that scripts cannot
 * read.
 *
 * A new browser that opens two pages at the same time gets the cookie `rejoin_guest` twice, for two different guests. The later
 * cookie replaces the earlier one, so the browser could lose the chats of the earlier guest. To prevent this, the response to the
 * first request that changes something also sets the cookie `rejoin_guest_kept`, for the guest of that request. This cookie has
 * precedence over `rejoin_guest`, and is not set again.
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
    /** The guest whom these cookies identify; `null` if no cookie of a guest has a valid signature. */
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
    /** The `Set-Cookie` header that makes the browser stay this guest. */
    keep: (userId: string): Promise<string> => cookieOf(kept, userId),
  };
}
