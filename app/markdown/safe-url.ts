const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/**
 * The URL of a link that a model wrote, or `null` if following it could do harm. Only absolute URLs with `http:`, `https:` or
 * `mailto:` are safe. Scripts, data, files and relative URLs are not: a model does not know the paths of this app. A whole URL
 * of this app is allowed, because opening a page changes nothing. The only page that changes something needs a secret in its URL.
 */
export function safeUrl(href: string): string | null {
  const url = URL.canParse(href) ? new URL(href) : null;
  return url && SAFE_PROTOCOLS.has(url.protocol) ? url.href : null;
}
