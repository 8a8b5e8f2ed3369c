import { RejoinError } from '../../shared/errors.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Throws `forbidden_origin` if a request that may change something came from another site. The browser reports where a request came
 * from in the headers `Sec-Fetch-Site` and `Origin`, which pages cannot forge. A request that has neither header is not from a current
 * browser. Such a request is allowed only if it has no cookie, so that it cannot use a person's session.
 *
 * `origins`: the app's own origins. An origin is also accepted if its host is in `Host` or in a proxy's `X-Forwarded-Host`.
 */
export function assertSameOriginOf(
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  origins: readonly string[],
): void {
  if (SAFE_METHODS.has(method)) return;
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  if (site !== null && site !== 'same-origin' && site !== 'none') throw refusal('from another site');
  // Browsers send `Origin: null` with the forms of a page that has the policy `no-referrer`.
  const isHidden = origin === 'null' && site === 'same-origin';
  if (origin === 'null' && site === null) throw hidden();
  if (origin !== null && !isHidden && !isOwn(origin, headers, origins)) throw refusal(`from ${origin}`);
  if (site === null && origin === null && headers.has('cookie')) {
    throw refusal('with a cookie, but without an Origin or Sec-Fetch-Site header');
  }
}

function isOwn(origin: string, headers: Headers, origins: readonly string[]): boolean {
  if (origins.includes(origin)) return true;
  // The scheme is not compared, because behind a proxy that ends TLS this process cannot know it.
  const host = URL.canParse(origin) ? new URL(origin).host : null;
  const forwarded = headers.get('x-forwarded-host')?.split(',')[0]?.trim();
  return host !== null && host !== '' && (host === headers.get('host') || host === forwarded);
}

const refusal = (how: string) =>
  new RejoinError('forbidden_origin', {
    detail: `The request was sent ${how}. If the app is behind a proxy, either let the proxy pass on the Host header, or set APP_ORIGIN.`,
  });

/** For `Origin: null` without `Sec-Fetch-Site`. Over plain HTTP browsers send only `Origin`, so the request may be from any page. */
const hidden = () =>
  new RejoinError('forbidden_origin', {
    detail:
      'The browser did not say from which page the request came (Origin: null). Use HTTPS. If a proxy adds "Referrer-Policy: no-referrer", remove that.',
  });
