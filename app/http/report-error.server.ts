import { ERRORS, PLANNED, toRejoinError, type RejoinError } from '../../shared/errors.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { log } from '~/process/log.server.ts';
import { loggedPath } from '~/process/logged-path.server.ts';

/**
 * Any thrown value as the error that a caller may see. What is our fault is logged: this is called where an error is
 * answered, once.
 */
export function reportError(thrown: unknown): RejoinError {
  const error = toRejoinError(thrown);
  const exchange = currentExchange();
  // A reader who left took its connection to the sidecar along: nothing failed.
  if (ERRORS[error.code].status < 500 || exchange?.response.destroyed) return error;
  const path = loggedPath(exchange?.request.url);
  const { code, details } = error;
  const fields = {
    requestId: exchange?.requestId,
    method: exchange?.request.method,
    path,
    code,
    detail: error.message,
  };
  if (PLANNED.has(code)) log.warn({ event: 'request.refused', ...fields });
  else log.error({ event: 'request.failed', ...fields, error: details.cause });
  return error;
}
