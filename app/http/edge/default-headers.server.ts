import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSecretAddress, SECRET_HEADERS } from './secret-address.server.ts';

/**
 * Headers for responses whose route does not set them. The browser must not guess the type, and a response that is opened as a
 * page must not run or load anything.
 */
const DEFAULTS: Record<string, string> = {
  'content-security-policy': "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'content-type': 'text/plain; charset=utf-8',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** Adds the default headers just before the head is written, so that every response has them, even one that Remix creates. */
export function addDefaultHeaders(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = ((...args: unknown[]) => {
    if (!response.headersSent) {
      const given = new Set(args.flatMap(namesIn));
      for (const [name, value] of Object.entries(DEFAULTS)) {
        if (!response.hasHeader(name) && !given.has(name)) response.setHeader(name, value);
      }
      // On secret paths, these headers replace those that a route or a page has set.
      if (isSecretAddress(request.url)) {
        for (const [name, value] of Object.entries(SECRET_HEADERS)) response.setHeader(name, value);
      }
      // Unread bytes of this request would block the next request on the connection, so the connection is closed.
      if (!request.complete && hasBody(request)) response.setHeader('connection', 'close');
    }
    return writeHead(...args);
  }) as ServerResponse['writeHead'];
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The header names in one argument of `writeHead`. Headers are an object, an array of pairs, or a flat array of names and values. */
function namesIn(argument: unknown): string[] {
  if (Array.isArray(argument)) {
    return argument.flat().flatMap((item, index) => (index % 2 === 0 ? [String(item).toLowerCase()] : []));
  }
  if (typeof argument !== 'object' || argument === null) return [];
  return Object.keys(argument).map((name) => name.toLowerCase());
}
