import { z } from 'zod';

/**
 * PROTOCOL.md 16: every error an endpoint can return, with its HTTP status and a title for people. Codes never change;
 * titles may.
 */
export const ERRORS = {
  malformed_json: { status: 400, title: 'The body is not valid JSON.' },
  invalid_request: { status: 400, title: 'The request does not have the expected form.' },
  invalid_event_id: { status: 400, title: 'The event id is not valid.' },
  unknown_model: { status: 400, title: 'This model does not exist.' },
  model_unavailable: { status: 400, title: 'This model is not configured here.' },
  system_message_refused: { status: 400, title: 'Messages with the role “system” are not accepted.' },
  file_parts_unsupported: { status: 400, title: 'Files are not supported yet.' },
  unauthorized: { status: 401, title: 'Please sign in.' },
  forbidden: { status: 403, title: 'Admins only' },
  untrusted_proxy: { status: 403, title: 'This app does not know the proxy in front of it.' },
  forbidden_origin: { status: 403, title: 'This request came from another site and was refused.' },
  not_found: { status: 404, title: 'Not found. It was deleted, has expired, or belongs to someone else.' },
  method_not_allowed: { status: 405, title: 'This path does not support this method.' },
  request_timeout: { status: 408, title: 'The request came too slowly.' },
  stream_active: { status: 409, title: 'An answer is still being written in this chat.' },
  queue_full: { status: 429, title: 'Too many messages are waiting in this chat. Wait for an answer, or remove one.' },
  not_waiting: { status: 409, title: 'This message is not waiting any more.' },
  message_exists: { status: 409, title: 'This message has already been answered.' },
  chat_exists: { status: 409, title: 'There is already a chat with this id.' },
  event_not_on_log: { status: 409, title: 'The answer no longer has this position.' },
  stale_parent: { status: 409, title: 'This chat has gone on in another place.' },
  role_required: { status: 403, title: 'Your role in this chat does not allow this.' },
  invite_over: { status: 410, title: 'This invitation has expired, was revoked, or has been used up.' },
  member_limit: { status: 409, title: 'This chat has as many members or invitations as it may have.' },
  shares_off: { status: 403, title: 'Public pages are switched off here.' },
  too_many_shares: { status: 507, title: 'You have reached the maximum number of public pages. Revoke some of them.' },
  share_changed: { status: 409, title: 'This page has changed since you opened it. Reload it and try again.' },
  unsupported_media_type: { status: 415, title: 'The body has a content type that is not accepted here.' },
  idempotency_mismatch: { status: 422, title: 'This message id was used before, for another request.' },
  request_too_large: { status: 413, title: 'This is too long to send.' },
  rate_limited: { status: 429, title: 'Too many requests. Please wait a moment.' },
  too_many_streams: { status: 429, title: 'Too many answers are running. Stop one or wait.' },
  too_many_readers: { status: 429, title: 'Too many open connections. Close some tabs.' },
  too_many_chats: { status: 507, title: 'You have reached the maximum number of chats. Delete some of them.' },
  too_many_messages: { status: 507, title: 'This chat has reached its maximum number of messages. Start a new one.' },
  quota_exceeded: { status: 507, title: 'Your storage is full. Delete chats that you no longer need.' },
  metadata_too_large: { status: 413, title: 'The metadata of a message is too large.' },
  title_too_long: { status: 400, title: 'The title is too long.' },
  template_invalid: { status: 400, title: 'The template, or a value for one of its blanks, is not valid.' },
  template_changed: { status: 412, title: 'This template was changed in the meantime. Reload it and try again.' },
  precondition_required: {
    status: 428,
    title: 'This change was sent without the version that it changes. Reload the page and try again.',
  },
  internal: { status: 500, title: 'Something went wrong on our side.' },
  sidecar_unreachable: { status: 502, title: 'The service that writes answers can’t be reached right now.' },
  store_unavailable: { status: 503, title: 'Answers can’t be stored right now. Please try again in a moment.' },
  draining: { status: 503, title: 'This server is restarting. Please try again in a moment.' },
  overloaded: { status: 503, title: 'This server is at its limit. Please try again in a moment.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Refusals because this process restarts, or already does as much as it can. They are logged as warnings, not as errors. */
export const PLANNED: ReadonlySet<ErrorCode> = new Set(['draining', 'overloaded']);

/** The body of every error: `application/problem+json` (RFC 9457). */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  /** What exactly was wrong and what to do about it. */
  detail: z.string().optional(),
  /** For `stream_active`, `idempotency_mismatch` and `not_waiting`: the stream that the error is about. */
  streamId: z.string().optional(),
  /**
   * For `stale_parent`: the newest descendant of the parent that the request named. If the request was a deletion of the chat: the
   * newest message of the chat.
   */
  leafId: z.string().nullable().optional(),
  /** For `invalid_request` and `template_invalid`: the wrong fields. If there are many, only the first ones are listed. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export interface RateLimit {
  /** How many requests are allowed in `windowSeconds`. Without `windowSeconds`: how many are allowed at the same time. */
  limit: number;
  windowSeconds?: number;
}

export interface ErrorDetails {
  detail?: string;
  cause?: unknown;
  /** Seconds, for the `Retry-After` header. */
  retryAfterSeconds?: number;
  /** The limit that refused the request, for the `RateLimit-*` headers. */
  rateLimit?: RateLimit;
  /** Further headers of the response, with names in lower case. */
  headers?: Record<string, string>;
  /** A stable word for logs and metrics that says more than the code. It is not part of the response. */
  reason?: string;
  /** Further fields of the body, for example `streamId`. */
  extra?: Record<string, unknown>;
}

/**
 * The error type of the app and the sidecar. Their HTTP layers turn such an error into a response.
 *
 *     throw new RejoinError('rate_limited', { detail: 'Try again in 5 s.', retryAfterSeconds: 5 });
 */
export class RejoinError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.detail ?? ERRORS[code].title, { cause: details.cause });
    this.name = 'RejoinError';
    this.code = code;
    this.details = details;
  }
}

export function toProblem(error: RejoinError): Problem {
  const { status, title } = ERRORS[error.code];
  const { detail, extra } = error.details;
  return {
    type: `urn:rejoin:error:${error.code}`,
    title,
    status,
    code: error.code,
    ...(detail ? { detail } : {}),
    ...extra,
  };
}

/** Any thrown value that is not a `RejoinError` becomes an `internal` one, with the value as its `cause`. */
export const toRejoinError = (error: unknown): RejoinError =>
  error instanceof RejoinError ? error : new RejoinError('internal', { cause: error });

/** The headers of an error response: its content type, `Retry-After`, `RateLimit-*` and those in `details.headers`. */
export function problemHeaders({ details }: RejoinError): Record<string, string> {
  const { retryAfterSeconds, rateLimit, headers } = details;
  const seconds = retryAfterSeconds === undefined ? undefined : String(Math.max(1, Math.ceil(retryAfterSeconds)));
  return {
    'content-type': 'application/problem+json',
    ...(seconds && { 'retry-after': seconds }),
    ...(rateLimit && {
      'ratelimit-limit': String(rateLimit.limit),
      'ratelimit-remaining': '0',
      ...(seconds && { 'ratelimit-reset': seconds }),
      ...(rateLimit.windowSeconds && { 'ratelimit-policy': `${rateLimit.limit};w=${rateLimit.windowSeconds}` }),
    }),
    ...headers,
  };
}
