import { config } from '~/process/config.server.ts';

type Directives = Record<string, string[]>;

/**
 * The headers of every page that Remix renders. Scripts run only if they carry the page's nonce or come from this server.
 * Pictures load only from this server or a `data:` URL, so that a model's answer cannot tell another server that somebody read
 * it. With Clerk, the sources in `allowClerk` are added.
 */
export function securityHeaders(nonce: string): Record<string, string> {
  const { clerk, origins, development } = config();
  const isHttps = origins.length > 0 && origins.every((origin) => origin.startsWith('https:'));
  return {
    'content-security-policy': serialize(contentSecurityPolicy({ nonce, clerkIssuer: clerk?.issuer, development })),
    'cross-origin-opener-policy': clerk ? 'same-origin-allow-popups' : 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...(isHttps ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

function contentSecurityPolicy({
  nonce,
  clerkIssuer,
  development,
}: {
  nonce: string;
  clerkIssuer?: string;
  development: boolean;
}): Directives {
  const policy: Directives = {
    'default-src': ["'self'"],
    'script-src': ["'self'", `'nonce-${nonce}'`],
    'style-src': ["'self'", `'nonce-${nonce}'`],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'frame-src': ["'self'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'self'"],
  };
  if (clerkIssuer) allowClerk(policy, clerkIssuer);
  if (development) allowVite(policy);
  return policy;
}

/** The sources that Clerk needs: its script, its servers, the robot check, and styles that it adds to the page. */
function allowClerk(policy: Directives, issuer: string): void {
  const robotCheck = 'https://challenges.cloudflare.com';
  policy['script-src']!.push(issuer, robotCheck);
  policy['connect-src']!.push(issuer, 'https://clerk-telemetry.com');
  policy['img-src']!.push('https://img.clerk.com');
  // If a session has expired, each page is redirected to Clerk's site and back. This includes the page in the live frame (see
  // `frameHeaders`).
  policy['frame-src']!.push(issuer, robotCheck);
  policy['form-action']!.push(issuer);
  policy['worker-src'] = ["'self'", 'blob:'];
  policy['style-src'] = ["'self'", "'unsafe-inline'"];
}

/** In development, Vite's script inserts styles into the page, and connects to the Vite server with a WebSocket. */
function allowVite(policy: Directives): void {
  policy['style-src'] = ["'self'", "'unsafe-inline'"];
  policy['connect-src']!.push('ws:');
}

/** The headers of the live frame: an iframe in a chat page that shows the running answer without scripts. */
export const frameHeaders = (nonce: string): Record<string, string> => ({
  'content-security-policy': scriptlessPolicy(nonce, "'self'"),
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
});

/** The Content-Security-Policy of a public page (`/s/<secret>`). No site may show a public page in an iframe. */
export const sharedPagePolicy = (nonce: string): string => scriptlessPolicy(nonce, "'none'");

/**
 * A Content-Security-Policy under which no script runs, and styles, pictures and fonts come only from this server or the page itself.
 * `frameAncestors`: which sites may show the page in an iframe.
 */
const scriptlessPolicy = (nonce: string, frameAncestors: "'self'" | "'none'"): string =>
  serialize({
    'default-src': ["'none'"],
    'style-src': ["'self'", `'nonce-${nonce}'`],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': [frameAncestors],
  });

const serialize = (policy: Directives): string =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join('; ');
