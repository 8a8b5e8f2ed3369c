import { getAuth, rootAuthLoader } from '@clerk/remix/ssr.server';
import type { LoaderFunctionArgs } from '@remix-run/node';
import { z } from 'zod';
import type { ClerkConfig } from '~/process/config.server.ts';
import { currentExchange } from '~/process/exchange.server.ts';

/** What Clerk itself does not insist on: a token without `azp` or `sid` passes its checks, as a Bearer one with any `iss`. */
const claimsSchema = z.looseObject({
  sid: z.string().min(1),
  azp: z.string(),
  iss: z.string(),
  sub: z.string().min(1),
});

/**
 * The id of the person whom Clerk's session token (its cookie or a Bearer) names, `null` without a valid one. Where the
 * session of somebody who opens a page has lapsed, throws a redirect `Response` to Clerk's own address, which renews it.
 */
export async function clerkUserId(args: LoaderFunctionArgs, clerk: ClerkConfig): Promise<string | null> {
  const auth = await getAuth(withContext(args), verification(clerk)).catch((thrown: unknown) => {
    // A 307 repeats the request: what somebody sent to us would be sent on to Clerk, and be lost.
    if (thrown instanceof Response && opensPage(args)) throw thrown;
    // Clerk also throws over a token that it cannot even decode, which is as good as none.
    return null;
  });
  if (!auth) return null;
  const claims = claimsSchema.safeParse(auth.sessionClaims);
  if (!auth.userId || !claims.success) return null;
  const { iss, azp } = claims.data;
  return iss === clerk.issuer && clerk.authorizedParties.includes(azp) ? auth.userId : null;
}

/** The root loader's answer: `data`, and beside it the `clerkState` that Clerk's provider begins with. */
export const clerkRootData = (args: LoaderFunctionArgs, clerk: ClerkConfig, data: Record<string, unknown>) =>
  rootAuthLoader(withContext(args), () => data, { ...verification(clerk), signInUrl: '/sign-in' });

/** After an action Remix runs the loaders with a GET of its own: the exchange knows what was sent. */
const opensPage = ({ request }: LoaderFunctionArgs): boolean =>
  (currentExchange()?.request.method ?? request.method) === 'GET';

const verification = ({ publishableKey, secretKey, jwtKey, authorizedParties }: ClerkConfig) => ({
  publishableKey,
  secretKey,
  authorizedParties,
  ...(jwtKey ? { jwtKey } : {}),
});

/** Clerk refuses arguments without a context, which not every server fills. */
const withContext = (args: LoaderFunctionArgs): LoaderFunctionArgs => ({ ...args, context: args.context ?? {} });
