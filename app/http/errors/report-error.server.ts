import { ERRORS, PLANNED, toRejoinError, type RejoinError } from '../../../shared/errors.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { createLineLimit } from '../../../shared/stream/line-limit.ts';
import { log } from '~/process/log.server.ts';
import { loggedPath } from '~/process/logged-path.server.ts';

/** At most 60 lines per minute. Anyone can cause a 401, so without a limit anyone could fill the log. */
const mayLogUnauthorized = createLineLimit(60);

/** Converts any thrown value to the error that a caller may see, and logs our own failures. */
export function reportError(thrown: unknown): RejoinError {
  const error = toRejoinError(thrown);
  const exchange = currentExchange();
  const about = () => ({
    requestId: exchange?.requestId,
    method: exchange?.request.method,
    path: loggedPath(exchange?.request.url),
  });
  if (error.code === 'unauthorized' && mayLogUnauthorized())
    log.info({ event: 'request.unauthorized', ...about(), reason: error.details.reason });
  // When a caller leaves, the app aborts the request to the sidecar. The resulting error is not a failure.
  if (ERRORS[error.code].status < 500 || exchange?.response.destroyed) return error;
  const { code, details } = error;
  const fields = { ...about(), code, detail: error.message };
  if (PLANNED.has(code)) log.warn({ event: 'request.refused', ...fields });
  else log.error({ event: 'request.failed', ...fields, error: details.cause });
  return error;
}
