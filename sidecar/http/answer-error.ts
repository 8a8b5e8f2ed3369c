import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, PLANNED, problemHeaders, RejoinError, toProblem, type ErrorCode } from '../../shared/errors.ts';
import { createLineLimit } from '../../shared/stream/line-limit.ts';
import type { Log } from '../log.ts';
import { StoreUnavailable } from '../store/streams/stream-store.ts';
import { logFieldsOf, type RequestContext } from '../telemetry/request-context.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface AnswerErrorOptions {
  telemetry: Telemetry;
  log: Log;
  contextOf(request: FastifyRequest): RequestContext;
}

/**
 * Responds to any thrown error with `application/problem+json`. Logs errors of the server, refusals because of overload or a
 * restart, and callers that could not be identified.
 */
export function createErrorHandler({ telemetry, log, contextOf }: AnswerErrorOptions) {
  const mayLogUnauthorized = createLineLimit(UNAUTHORIZED_LINES_PER_MINUTE);
  return function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const known = toKnown(error);
    const { code, details } = known;
    const { status } = ERRORS[code];
    telemetry.refused(code, details.reason);
    const fieldsOf = () => ({
      ...logFieldsOf(contextOf(request)),
      method: request.method,
      route: request.routeOptions.url,
      code,
    });
    const { detail, cause, reason } = details;
    if (PLANNED.has(code))
      log.warn({ event: 'request.refused', ...fieldsOf(), detail, reason: reason ?? messageOf(cause) });
    else if (status >= 500) log.error({ event: 'request.failed', ...fieldsOf(), detail, error: cause });
    else if (code === 'unauthorized' && mayLogUnauthorized())
      log.warn({ event: 'request.unauthorized', ...fieldsOf(), reason });
    void reply
      .code(status)
      .headers(problemHeaders(known))
      .send(JSON.stringify(toProblem(known)));
  };
}

/** Anyone can cause a 401. Without this limit, anyone could fill the log. The metric counts every 401. */
const UNAUTHORIZED_LINES_PER_MINUTE = 60;

const messageOf = (cause: unknown): string | undefined => (cause instanceof Error ? cause.message : undefined);

/** The codes for errors that Fastify throws itself. */
const FASTIFY_CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'request_too_large'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'invalid_request'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'not_found'],
]);

function toKnown(error: unknown): RejoinError {
  if (error instanceof RejoinError) return error;
  if (error instanceof StoreUnavailable)
    return new RejoinError('store_unavailable', {
      cause: error,
      retryAfterSeconds: 2,
      ...(error.problem && { detail: `Redis ${error.problem.reason}.`, extra: { problem: error.problem.kind } }),
    });
  if (!(error instanceof Error)) return new RejoinError('internal', { cause: error });
  const { code, statusCode } = error as FastifyError;
  const known = FASTIFY_CODES.get(code);
  if (known) return new RejoinError(known, { cause: error });
  if (statusCode !== undefined && statusCode < 500)
    return new RejoinError('invalid_request', { detail: error.message, cause: error });
  return new RejoinError('internal', { cause: error });
}
