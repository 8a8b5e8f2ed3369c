import { randomBytes } from 'node:crypto';

const KEEP_MS = 15 * 60_000;
const MAX_KEPT = 500;
const MAX_CHARS = 64 * 1024;

interface Kept {
  text: string;
  until: number;
}
const kept = new Map<string, Kept>();

/**
 * What somebody typed into a page without JavaScript and sent when their session had lapsed. Sending it again would
 * find the session as lapsed as before: only opening a page renews it, on a way that leads over Clerk's own address
 * and keeps nothing but the path. So the text waits here, and the path says where.
 *
 * Returns the path to redirect to (303): `path` with the parameter `kept`, whose value cannot be guessed.
 */
export function keepText(path: string, text: string, now = Date.now()): string {
  for (const [id, { until }] of kept) if (until <= now || kept.size >= MAX_KEPT) kept.delete(id);
  const id = randomBytes(16).toString('base64url');
  kept.set(id, { text: text.slice(0, MAX_CHARS), until: now + KEEP_MS });
  return `${path}${path.includes('?') ? '&' : '?'}kept=${id}`;
}

/**
 * The text that waits for this page; `null` where none does. It goes on waiting, because the page may be asked for
 * once more when the session has been renewed.
 */
export function keptText(request: Request, now = Date.now()): string | null {
  const found = kept.get(new URL(request.url).searchParams.get('kept') ?? '');
  return found && found.until > now ? found.text : null;
}
