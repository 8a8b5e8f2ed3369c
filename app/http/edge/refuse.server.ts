import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, toProblem } from '../../../shared/errors.ts';
import { reportError } from '../report-error.server.ts';

/** Answers a request that no route is to see: with a page where a person opened one, else with a problem. */
export function refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const error = reportError(thrown);
  const problem = toProblem(error);
  const { retryAfterSeconds } = error.details;
  const isPage = request.headers.accept?.includes('text/html') === true;
  const body = isPage ? pageOf(problem.title, problem.detail) : JSON.stringify(problem);
  response.statusCode = ERRORS[error.code].status;
  response.setHeader('content-type', isPage ? 'text/html; charset=utf-8' : 'application/problem+json');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.setHeader('cache-control', 'no-store');
  if (retryAfterSeconds) response.setHeader('retry-after', Math.ceil(retryAfterSeconds));
  response.end(request.method === 'HEAD' ? undefined : body);
}

const pageOf = (title: string, detail = ''): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Rejoin</title></head>
<body><main><h1>${escape(title)}</h1><p>${escape(detail)}</p></main></body>
</html>
`;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES.get(character)!);
