import { createHash, randomBytes } from 'node:crypto';

const KEEP_MS = 15 * 60_000;
const MAX_KEPT = 500;
const MAX_KEPT_PER_ADDRESS = 5;
const MAX_CHARS = 64 * 1024;
const COOKIE = 'rejoin_kept';

interface Kept {
  text: string;
  until: number;
  address: string;
  /** The hash of the cookie that the browser got for this text. */
  browser: string;
  /** The only person who may get the text; `null` if everybody with the cookie may. */
  person: string | null;
}
const kept = new Map<string, Kept>();

export interface KeepText {
  /** The path of the page that will show the text. */
  path: string;
  text: string;
  /** The network address of the client. The number of texts per address is limited, so that one client cannot fill the memory. */
  address: string;
  person: string | null;
  now?: number;
}

/**
 * Keeps the text of a form for the page at `path`, for 15 minutes. This is for people without JavaScript. For example, if their
 * session has expired, the browser is redirected to Clerk and back, and only the path survives the redirects. So the text is kept
 * in this process, and the path gets a query parameter with the text's id.
 *
 * Returns the path to redirect to (303), and the value of a `Set-Cookie` header. Only a request with this cookie can get the text.
 * Nobody can guess the id or the cookie.
 */
export function keepText({ path, text, address, person, now = Date.now() }: KeepText): {
  path: string;
  cookie: string;
} {
  for (const [id, { until }] of kept) if (until <= now) kept.delete(id);
  const own = [...kept].filter(([, entry]) => entry.address === address);
  if (own.length >= MAX_KEPT_PER_ADDRESS) kept.delete(own[0]![0]);
  if (kept.size >= MAX_KEPT) kept.delete(oldestOfTheLargest());
  const id = randomBytes(16).toString('base64url');
  const secret = randomBytes(16).toString('base64url');
  kept.set(id, { text: text.slice(0, MAX_CHARS), until: now + KEEP_MS, address, browser: hash(secret), person });
  return {
    path: `${path}${path.includes('?') ? '&' : '?'}kept=${id}`,
    cookie: `${COOKIE}=${secret}; Max-Age=${KEEP_MS / 1000}; Path=/; HttpOnly; SameSite=Lax`,
  };
}

/**
 * The kept text whose id is in the request's URL (`?kept=`). `null` if there is no such text, or if another browser or another
 * person wrote it. The text is not removed, because the page may be requested again.
 */
export function keptText(
  request: Request,
  { person, now = Date.now() }: { person: string; now?: number },
): string | null {
  const found = kept.get(new URL(request.url).searchParams.get('kept') ?? '');
  if (!found || found.until <= now) return null;
  const secret = /(?:^|;\s*)rejoin_kept=([\w-]{22})(?:;|$)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
  const isTheirs = found.browser === hash(secret) && (found.person === null || found.person === person);
  return isTheirs ? found.text : null;
}

/** The id of the oldest text of the network address that has the most texts. */
function oldestOfTheLargest(): string {
  const counts = new Map<string, number>();
  for (const { address } of kept.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
  const largest = Math.max(...counts.values());
  return [...kept].find(([, { address }]) => counts.get(address) === largest)![0];
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
