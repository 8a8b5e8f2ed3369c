import { getAuth, rootAuthLoader } from '@clerk/remix/ssr.server';
import type { LoaderFunctionArgs } from '@remix-run/node';
import { z } from 'zod';
import type { ClerkConfig } from '~/process/config.server.ts';
import { currentExchange } from '~/process/exchange.server.ts';

/** Claims that Clerk itself does not check: it accepts a token without `azp` or `sid`, and a Bearer token with any `iss`. */
const claimsSchema = z.looseObject({
  sid: z.string().min(1),
  azp: z.string(),
  iss: z.string(),
  sub: z.string().min(1),
  /** Set only if the Clerk instance was configured to put it into session tokens. */
  name: z.string().optional().catch(undefined),
});

export interface ClerkPerson {
  userId: string;
  /** The person's name, if the session token contains it. */
  name: string | undefined;
}

/**
 * The person in Clerk's session token (in the cookie or as Bearer); `null` without a valid one. If a person opens a page
 * with an expired session, throws a redirect `Response` to Clerk's URL. Clerk renews the session there.
 */
export async function clerkPerson(args: LoaderFunctionArgs, clerk: ClerkConfig): Promise<ClerkPerson | null> {
  const auth = await getAuth(withContext(args), verification(clerk)).catch((thrown: unknown) => {
    // Clerk's redirect is a 307, which repeats the request. A form would be sent to Clerk and lost, so it is not redirected.
    if (thrown instanceof Response && opensPage(args)) throw thrown;
    // Clerk throws for a token that it cannot decode. That counts as no token.
    return null;
  });
  if (!auth) return null;
  const claims = claimsSchema.safeParse(auth.sessionClaims);
  if (!auth.userId || !claims.success) return null;
  const { iss, azp, name } = claims.data;
  const isOurs = iss === clerk.issuer && clerk.authorizedParties.includes(azp);
  return isOurs ? { userId: auth.userId, name } : null;
}

/** The root loader's response: `data`, and `clerkState`, the initial state of Clerk's provider. */
export const clerkRootData = (args: LoaderFunctionArgs, clerk: ClerkConfig, data: Record<string, unknown>) =>
  rootAuthLoader(withContext(args), () => data, { ...verification(clerk), signInUrl: '/sign-in' });

/** After an action, Remix runs the loaders with a new GET request. `currentExchange()` has the request that the browser sent. */
const opensPage = ({ request }: LoaderFunctionArgs): boolean =>
  (currentExchange()?.request.method ?? request.method) === 'GET';

const verification = ({ publishableKey, secretKey, jwtKey, authorizedParties }: ClerkConfig) => ({
  publishableKey,
  secretKey,
  authorizedParties,
  ...(jwtKey ? { jwtKey } : {}),
});

/** Clerk requires `context`, which not every server sets. */
const withContext = (args: LoaderFunctionArgs): LoaderFunctionArgs => ({ ...args, context: args.context ?? {} });
