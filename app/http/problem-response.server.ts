import { ERRORS, toProblem } from '../../shared/errors.ts';
import { reportError } from './report-error.server.ts';

/** Any thrown value as `application/problem+json`. */
export function problemResponse(thrown: unknown): Response {
  const error = reportError(thrown);
  const { retryAfterSeconds } = error.details;
  return Response.json(toProblem(error), {
    status: ERRORS[error.code].status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(error.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
      ...(retryAfterSeconds ? { 'retry-after': String(Math.ceil(retryAfterSeconds)) } : {}),
    },
  });
}
