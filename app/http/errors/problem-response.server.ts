import { ERRORS, problemHeaders, toProblem } from '../../../shared/errors.ts';
import { reportError } from './report-error.server.ts';

/** Any thrown value as `application/problem+json`. */
export function problemResponse(thrown: unknown): Response {
  const error = reportError(thrown);
  return Response.json(toProblem(error), {
    status: ERRORS[error.code].status,
    headers: {
      'cache-control': 'no-store',
      ...problemHeaders(error),
      ...(error.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
    },
  });
}
