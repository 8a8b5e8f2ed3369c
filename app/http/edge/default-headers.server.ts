import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * What a response says where its route does not: that its bytes are what their type says, and that nothing in them runs
 * or loads anything when a browser opens them as a page of this origin.
 */
const DEFAULTS: Record<string, string> = {
  'content-security-policy': "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'content-type': 'text/plain; charset=utf-8',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * Adds the default headers when the head is about to be written, so that every response has them: of routes, files,
 * redirects and errors, also of those that Remix or the server around it makes.
 */
export function addDefaultHeaders(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = ((...args: unknown[]) => {
    if (!response.headersSent) {
      const given = new Set(args.flatMap(namesIn));
      for (const [name, value] of Object.entries(DEFAULTS)) {
        if (!response.hasHeader(name) && !given.has(name)) response.setHeader(name, value);
      }
      // What nobody is going to read of the request would stand in the way of the next one.
      if (!request.complete && hasBody(request)) response.setHeader('connection', 'close');
    }
    return writeHead(...args);
  }) as ServerResponse['writeHead'];
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The names of the headers that `writeHead` was given: as an object, as pairs, or as a flat list. */
function namesIn(argument: unknown): string[] {
  if (Array.isArray(argument)) {
    return argument.flat().flatMap((item, index) => (index % 2 === 0 ? [String(item).toLowerCase()] : []));
  }
  if (typeof argument !== 'object' || argument === null) return [];
  return Object.keys(argument).map((name) => name.toLowerCase());
}
