import { randomBytes } from 'node:crypto';
import { createCookieSessionStorage } from '@remix-run/node';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export interface Guest {
  userId: string;
  /** The `Set-Cookie` header that keeps this guest, where the browser does not have it yet. */
  setCookie?: string;
}

/** People without an account: each browser is one, known by a signed cookie that scripts cannot read. */
export function createGuestSessions({ secret, secure }: { secret: string; secure: boolean }) {
  const storage = createCookieSessionStorage<{ userId: string }>({
    cookie: {
      name: 'rejoin_guest',
      secrets: [secret],
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      maxAge: YEAR_SECONDS,
      secure,
    },
  });

  return {
    /** The guest of this cookie; `null` without one, or with one that was not signed here. */
    async read(cookie: string | null): Promise<Guest | null> {
      const userId = (await storage.getSession(cookie)).get('userId');
      return userId ? { userId } : null;
    },
    async begin(): Promise<Guest> {
      const session = await storage.getSession();
      const userId = `guest_${randomBytes(16).toString('base64url')}`;
      session.set('userId', userId);
      return { userId, setCookie: await storage.commitSession(session) };
    },
  };
}
