import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, ERRORS, problemHeaders, toProblem } from '../../../shared/errors.ts';
import { wordsFor } from '~/words/words.server.ts';
import { reportError } from '../errors/report-error.server.ts';

/**
 * Answers a request that must not reach a route. If a browser asked for a page, the response is plain text in the person's
 * language, otherwise a problem as JSON (RFC 9457). The detail is for operators and always in English.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const error = reportError(thrown);
  const problem = toProblem(error);
  const isPage = request.headers.accept?.includes('text/html') === true;
  const body = isPage ? `${titleFor(request, error.code)}\n\n${problem.detail ?? ''}\n` : JSON.stringify(problem);
  response.statusCode = ERRORS[error.code].status;
  for (const [name, value] of Object.entries(problemHeaders(error))) response.setHeader(name, value);
  if (isPage) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.setHeader('cache-control', 'no-store');
  response.end(request.method === 'HEAD' ? undefined : body);
}

function titleFor({ headers }: IncomingMessage, code: ErrorCode): string {
  const { cookie = '', 'accept-language': language = '' } = headers;
  return wordsFor({ headers: new Headers({ cookie, 'accept-language': language }) }).errors[code];
}
