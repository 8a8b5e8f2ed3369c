import type { IncomingMessage } from 'node:http';
import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { decodeJwt } from 'jose';
import { RejoinError } from '../../shared/errors.ts';
import { bearerToken } from '../../shared/token.ts';
import { addressKey, clientAddress } from './client-address.server.ts';
import { createGuestSessions, type Guest } from './guest-session.server.ts';
import { assertSameOriginOf } from './same-origin.server.ts';
import { verifySidecarToken } from './sidecar-token.server.ts';
import { config, isLoopback, type Config } from '~/process/config.server.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { createFirstGuest, type FirstGuest } from './first-guest.server.ts';

/** The caller of a request. Only this folder reads the cookies, tokens and Clerk sessions that identify a person. */
export interface User {
  userId: string;
  /** True for a Bearer token of an administrator, false for every session. */
  admin: boolean;
  /** True for every administrator with a token or a session, and for the guest who opened the link that `npm start` prints. */
  isOperator: boolean;
  via: 'clerk' | 'guest' | 'bearer';
  /** The name of the person's account, if it is known. Guests have none. */
  name?: string | undefined;
  /** A guest's network address as a keyed hash. It stays the same if the guest deletes the cookie. */
  address?: string;
  /** The `Set-Cookie` header of a new guest, to be sent with the response. */
  headers?: Record<string, string>;
  /**
   * A second `Set-Cookie` header to be sent with the response. With this cookie, the browser stays this guest, even if another
   * response sets the cookie of a different guest.
   */
  keepCookie?: string;
}

type Args = LoaderFunctionArgs;

/** Clerk's code is loaded only if the app uses Clerk, because the code prints messages and costs memory. */
const loadClerk = () => import('./clerk.server.ts');

/**
 * The person who opens a page, known by the session or by a Bearer token. Without Clerk, a browser that has no session becomes a
 * guest. With Clerk, a person who is not signed in gets a redirect to the sign-in page, which this function throws. If the request
 * changes something, the function throws `unauthorized` instead, so that the action can keep what was typed (`kept-text.server.ts`).
 */
export async function requireUser(args: Args): Promise<User> {
  const user = await callerOf(args, { mayBegin: true });
  if (user) return user;
  if (changesSomething(args.request)) throw new RejoinError('unauthorized');
  const { pathname, search } = new URL(args.request.url);
  throw redirect(`/sign-in?${new URLSearchParams({ redirect_url: pathname + search })}`);
}

/**
 * The caller of the API, known by the session or by a Bearer token. A caller who has neither becomes a guest if `mayBegin` is true
 * and the app does not use Clerk. If such a caller cannot become a guest, this throws `unauthorized`.
 */
export async function requireApiUser(args: Args, { mayBegin }: { mayBegin: boolean }): Promise<User> {
  const user = await callerOf(args, { mayBegin });
  if (!user) throw new RejoinError('unauthorized', { reason: 'no_session' });
  return user;
}

function callerOf(args: Args, options: { mayBegin: boolean }): Promise<User | null> {
  const settings = config();
  const bearer = settings.clerk ? undefined : bearerToken(args.request.headers.get('authorization'));
  return bearer !== undefined ? bearerUser(bearer, settings) : identify(args, settings, options);
}

/** True if `requireApiUser` threw this error for a caller without a session who could become a guest. */
export const isNewcomer = (error: unknown): boolean =>
  error instanceof RejoinError && error.details.reason === 'no_session' && signInMethod() === 'guest';

/** Throws `forbidden_origin` for a request that may change something and came from another site. */
export const assertSameOrigin = (request: Request): void => assertSameOriginOf(request, config().origins);

/** The person whose session the request has; `null` without one. Never makes a new guest. */
export const currentUser = (args: Args): Promise<User | null> => identify(args, config(), { mayBegin: false });

/**
 * The reader of a public page. If only people with an account may read public pages, the reader is the person who is signed in, or
 * `null` if nobody is signed in. Otherwise the reader needs no account, and the id is made from the network address.
 */
export async function readerOf(args: Args): Promise<{ userId: string; address?: string } | null> {
  const settings = config();
  const { clerk, shares, trustProxy, sessionSecret, sidecar } = settings;
  const exchange = currentExchange();
  const address = exchange && addressKey(clientAddress(exchange.request, trustProxy), sessionSecret ?? sidecar.secret);
  if (clerk && shares === 'members') {
    const user = await identify(args, settings, { mayBegin: false });
    return user && { userId: user.userId };
  }
  if (!clerk) assertReachedByKnownName(args.request, settings);
  return { userId: `reader_${address ?? 'unknown'}`, address };
}

/**
 * The network address of a request as a keyed hash, and the user id in the request's session token, even if the token has expired.
 * The token is not verified, so the user id must never give a caller rights. The id only restricts who may get back a kept text
 * (`kept-text.server.ts`).
 */
export function lapsedSessionOf(request: Request): { address: string; person: string | null } {
  const address = addressOfGuest(config()) ?? '';
  const token = /(?:^|;\s*)__session=([\w.-]{1,8192})(?:;|$)/.exec(request.headers.get('cookie') ?? '')?.[1];
  try {
    return { address, person: token === undefined ? null : (decodeJwt(token).sub ?? null) };
  } catch {
    return { address, person: null }; // the cookie does not contain a token
  }
}

export const signInMethod = (): 'clerk' | 'guest' => (config().clerk ? 'clerk' : 'guest');

/**
 * The root loader's response: `data`, with Clerk's state if Clerk is used, otherwise with the guest's cookie.
 */
export async function rootData<Data extends Record<string, unknown>>(args: Args, data: Data): Promise<unknown> {
  const { clerk } = config();
  if (clerk) return (await loadClerk()).clerkRootData(args, clerk, data);
  const { headers } = await requireUser(args);
  return Response.json(data, { headers });
}

async function identify(args: Args, settings: Config, options: { mayBegin: boolean }): Promise<User | null> {
  if (settings.clerk) {
    const { clerkPerson } = await loadClerk();
    const person = await clerkPerson(args, settings.clerk);
    if (person === null) return null;
    const isOperator = settings.adminUserIds.has(person.userId);
    return { ...person, admin: false, isOperator, via: 'clerk' };
  }
  assertReachedByKnownName(args.request, settings);
  const guest = await guestOf(args.request, settings, options);
  if (!guest) return null;
  const headers = guest.setCookie ? { 'set-cookie': guest.setCookie } : undefined;
  const { userId } = guest;
  const keepCookie =
    changesSomething(args.request) && !guest.isKept ? await sessionsOf(settings).keep(userId) : undefined;
  const admin = settings.adminUserIds.has(userId);
  const isOperator = admin || isFirstGuest(userId, settings);
  return { userId, admin: false, isOperator, via: 'guest', address: addressOfGuest(settings), headers, keepCookie };
}

function addressOfGuest({ trustProxy, sessionSecret }: Config): string | undefined {
  const exchange = currentExchange();
  return exchange && addressKey(clientAddress(exchange.request, trustProxy), sessionSecret ?? '');
}

let firstGuest: FirstGuest | undefined;

function isFirstGuest(userId: string, settings: Config): boolean {
  if (!settings.firstGuest) return false;
  return firstGuestOf(settings.firstGuest.file)?.is(userId) ?? false;
}

const firstGuestOf = (file: string | null): FirstGuest | undefined =>
  file === null ? undefined : (firstGuest ??= createFirstGuest({ file }));

/**
 * Handles a request for the link that `npm start` prints: the guest who opens the link becomes the administrator. Returns the
 * cookies that identify this guest. Throws `forbidden` if the link is not valid, was used before, or is only prefetched. Throws
 * `not_found` if the app has no such link, because administrators are configured, people sign in with Clerk, or other machines can
 * reach the app.
 */
export async function claimAdministration(args: Args, token: string): Promise<string[]> {
  const settings = config();
  if (settings.clerk || !settings.firstGuest) throw new RejoinError('not_found');
  assertReachedByKnownName(args.request, settings);
  const guests = firstGuestOf(settings.firstGuest.file);
  const guest = await guestOf(args.request, settings, { mayBegin: true });
  if (!guest || !isOpened(args.request) || !guests?.claim(token, guest.userId)) {
    throw new RejoinError('forbidden', {
      detail: 'This link was used, or is from an earlier start. `npm start` prints a new one each time.',
    });
  }
  const { userId, setCookie } = guest;
  return [...(setCookie ? [setCookie] : []), await sessionsOf(settings).keep(userId)];
}

/** False if the browser only prefetches the page, or if a script or an image element requests the page. */
function isOpened({ method, headers }: Request): boolean {
  const mode = headers.get('sec-fetch-mode');
  const purpose = headers.get('sec-purpose') ?? headers.get('purpose') ?? '';
  return method === 'GET' && (mode === null || mode === 'navigate') && !purpose.includes('prefetch');
}

/** The cookies to be sent with the response. */
export const cookiesOf = ({ headers, keepCookie }: User): string[] =>
  [headers?.['set-cookie'], keepCookie].filter((cookie) => cookie !== undefined);

/**
 * Without `guestsFromAnywhere`, guests are allowed because only this machine can reach the app. But with DNS rebinding, a foreign web
 * page in this machine's browser could reach the app, too, because the page's host name then resolves to 127.0.0.1. The `Host` header
 * of the page's requests contains that host name, so requests with an unknown host name are refused.
 */
function assertReachedByKnownName(request: Request, { guestsFromAnywhere, origins }: Config): void {
  const host = request.headers.get('host') ?? '';
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;
  if (guestsFromAnywhere || isLoopback(name) || origins.some((origin) => new URL(origin).host === host)) return;
  throw new RejoinError('forbidden_origin', {
    detail: `${host} is not a known address of this app. Set APP_ORIGIN to the address that people open, for example APP_ORIGIN=https://${host}.`,
  });
}

/** The new guest of each request. Several loaders of one page run at the same time, and all of them must get the same guest. */
const newGuests = new WeakMap<IncomingMessage, Promise<Guest>>();

const sessionsOf = ({ sessionSecret, origins }: Config) =>
  createGuestSessions({
    secret: sessionSecret ?? '',
    secure: origins.length > 0 && origins.every((origin) => origin.startsWith('https:')),
  });

/** After an action, Remix runs the loaders with a new GET request. `currentExchange()` has the request that the browser sent. */
const changesSomething = ({ method }: Request): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(currentExchange()?.request.method ?? method);

async function guestOf(request: Request, settings: Config, { mayBegin }: { mayBegin: boolean }): Promise<Guest | null> {
  const sessions = sessionsOf(settings);
  const known = await sessions.read(request.headers.get('cookie'));
  if (known || !mayBegin) return known;
  const exchange = currentExchange();
  if (!exchange) return sessions.begin();
  const begun = newGuests.get(exchange.request) ?? sessions.begin();
  newGuests.set(exchange.request, begun);
  return begun;
}

async function bearerUser(token: string, settings: Config): Promise<User> {
  const { sub: userId, admin: isAdminToken } = await verifySidecarToken(token, settings.sidecar.secret);
  const admin = isAdminToken === true || settings.adminUserIds.has(userId);
  return { userId, admin, isOperator: admin, via: 'bearer' };
}
