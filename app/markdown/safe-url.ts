const SAFE_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/**
 * The URL of a link that a model wrote, or `null` if following it could do harm: scripts, data, files, and paths within this
 * app.
 */
export function safeUrl(href: string): string | null {
  const url = URL.canParse(href) ? new URL(href) : null;
  return url && SAFE_PROTOCOLS.has(url.protocol) ? url.href : null;
}
