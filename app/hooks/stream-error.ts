import type { ErrorCode } from '../../shared/errors.ts';

/**
 * The codes of our endpoints, and five that no endpoint sends. `generation_failed`: the answer ended with an error. `gone`: the
 * stream that was followed has expired or was deleted. `network_error`: no response arrived. `called_off`: the person withdrew the
 * question before it was sent. `refused`: a response without a code, for example from a proxy, has a status below 500 for which
 * {@link ofStatus} knows no other code.
 */
export type StreamErrorCode = ErrorCode | 'generation_failed' | 'gone' | 'network_error' | 'called_off' | 'refused';

/** Why a stream could not be started or followed, or how it failed. The message is a sentence for the person. */
export class StreamError extends Error {
  readonly code: StreamErrorCode;
  /** The stream that the error is about, if the response names one. For `stream_active`: the running stream of the chat. */
  readonly streamId: string | null;
  /** For `generation_failed`: why the answer failed, as a key of `STREAM_ERRORS` (stream-error-codes.ts). `null`: not known. */
  reason: string | null = null;
  constructor(code: StreamErrorCode, message: string, streamId: string | null = null, cause?: unknown) {
    super(message, { cause });
    this.name = 'StreamError';
    this.code = code;
    this.streamId = streamId;
  }
}

/** Makes the error for an answer that failed. `reason`: why it failed, as in {@link StreamError.reason}. */
export function failedError(message: string, reason: string | null): StreamError {
  const error = new StreamError('generation_failed', message);
  error.reason = reason;
  return error;
}

export const goneError = (): StreamError =>
  new StreamError('gone', 'This answer can no longer be followed: it has expired or was deleted.');

/** Makes an error from the response to a refused request. Code, text and stream id come from the JSON body, if there is one. */
export async function errorOfResponse(response: Response): Promise<StreamError> {
  const problem = await response.json().then(
    (body: unknown) => (typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}),
    // A proxy's error page is not JSON. Then the status has to suffice.
    () => ({}) as Record<string, unknown>,
  );
  const text = (field: string) => (typeof problem[field] === 'string' ? (problem[field] as string) : null);
  const [statusCode, sentence] = ofStatus(response.status);
  const code = (text('code') as ErrorCode | null) ?? statusCode;
  const title = text('title') ?? sentence;
  return new StreamError(code, problemText({ code, title, detail: text('detail') }), text('streamId'));
}

/** The code and the sentence for a response without our JSON: a proxy's page, or a body that broke off. */
function ofStatus(status: number): [StreamErrorCode, string] {
  if (status === 401) return ['unauthorized', 'Please sign in.'];
  if (status === 404 || status === 410) return ['not_found', 'Not found. It was deleted, or has expired.'];
  if (status === 413) return ['request_too_large', 'This is too long to send.'];
  if (status === 429) return ['rate_limited', 'Too many requests. Please wait a moment.'];
  if (status === 502) return ['sidecar_unreachable', 'The server can’t be reached right now.'];
  if (status === 503) return ['overloaded', 'This server is at its limit. Please try again in a moment.'];
  if (status < 500) return ['refused', 'The server, or a proxy before it, has refused this.'];
  return ['internal', 'Something went wrong on our side.'];
}

/** The text that people see if a request failed: what happened, and what they can do. */
export function problemText({
  code,
  title,
  detail,
}: {
  code: string | null;
  title: string;
  detail?: string | null;
}): string {
  if (!detail) return title;
  // The title of this error is about the HTTP request, which people do not see.
  return code === 'invalid_request' ? detail : `${title} ${detail}`;
}
