import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, toProblem } from '../../../shared/errors.ts';
import { reportError } from '../report-error.server.ts';

/** Answers a request that no route is to see: in words where a person opened a page, else with a problem. */
export function refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const error = reportError(thrown);
  const problem = toProblem(error);
  const { retryAfterSeconds } = error.details;
  const isPage = request.headers.accept?.includes('text/html') === true;
  const body = isPage ? `${problem.title}\n\n${problem.detail ?? ''}\n` : JSON.stringify(problem);
  response.statusCode = ERRORS[error.code].status;
  response.setHeader('content-type', isPage ? 'text/plain; charset=utf-8' : 'application/problem+json');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.setHeader('cache-control', 'no-store');
  if (retryAfterSeconds) response.setHeader('retry-after', Math.ceil(retryAfterSeconds));
  response.end(request.method === 'HEAD' ? undefined : body);
}
