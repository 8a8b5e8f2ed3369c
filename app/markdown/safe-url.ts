const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/**
 * The URL of a link that a model wrote; `null` if the text must not become a link. Only absolute URLs with `http:`, `https:` or
 * `mailto:` become links. Other protocols could do harm, and a relative URL is useless, because a model does not know the paths
 * of this app.
 */
export function safeUrl(href: string): string | null {
  const url = URL.canParse(href) ? new URL(href) : null;
  return url && SAFE_PROTOCOLS.has(url.protocol) ? url.href : null;
}
