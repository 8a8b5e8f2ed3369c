import { ERRORS, toProblem } from '../../shared/errors.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { reportError } from './report-error.server.ts';

/** Any thrown value as `application/problem+json`. */
export function problemResponse(thrown: unknown): Response {
  const error = reportError(thrown);
  const { retryAfterSeconds } = error.details;
  const exchange = currentExchange();
  return Response.json(toProblem(error), {
    status: ERRORS[error.code].status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      // What nobody is going to read of the request would stand in the way of the next one.
      ...(exchange && !exchange.request.complete ? { connection: 'close' } : {}),
      ...(error.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
      ...(retryAfterSeconds ? { 'retry-after': String(Math.ceil(retryAfterSeconds)) } : {}),
    },
  });
}
