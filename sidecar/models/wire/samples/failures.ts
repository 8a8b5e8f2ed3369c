import {
  DONE,
  ev,
  failed,
  HALF,
  o,
  html,
  openai,
  refused,
  say,
  STOP,
  whole,
  BOTH,
  type Reply,
  type Sample,
} from './sample.ts';
import type { StreamErrorCode } from '../../../../shared/stream/stream-errors.ts';

/** A failure in the stream, after half of the answer. */
const inStream = (name: string, frame: string, code: StreamErrorCode, more: Partial<Reply> = {}): Sample =>
  openai(name, say(HALF) + frame, failed(code, HALF), more);
const atOnce = (name: string, frame: string, code: StreamErrorCode): Sample => openai(name, frame, failed(code));

export const FAILURES: readonly Sample[] = [
  inStream(
    'an error that is only a text',
    ev({ error: 'llama runner process has terminated: signal: killed' }),
    'provider_failed',
  ),
  inStream(
    'an error in an envelope',
    ev({ success: false, error: { code: 'INTERNAL_SERVER_ERROR', status: 500, message: 'x' } }),
    'provider_failed',
  ),
  atOnce(
    'a code in capitals, and [DONE] after it',
    ev({ error: { message: 'too long', code: 'CONTEXT_LENGTH_EXCEEDED' } }) + DONE,
    'conversation_too_long',
  ),
  atOnce(
    'a used-up quota in the first frame of a 200',
    ev({ error: { message: 'quota', type: 'insufficient_quota', code: 'insufficient_quota' } }),
    'quota_used_up',
  ),
  refused('a sign-in page of a gateway', 200, '<!doctype html><title>Sign in</title>', 'not_a_model_server', html),
  refused(
    'an HTML page with the content type of a stream',
    200,
    '<html><body>502 Bad Gateway</body></html>',
    'not_a_model_server',
    { 'content-type': 'text/event-stream' },
  ),
  refused('an empty body', 200, '', 'not_a_model_server'),
  refused('plain text that is not an answer', 200, 'Ollama is running', 'not_a_model_server', {
    'content-type': 'text/plain',
  }),
  refused('other JSON', 200, { object: 'list', data: [] }, 'not_a_model_server'),
  refused(
    'an error as JSON with a 200',
    200,
    { error: { message: 'No models loaded.', type: 'invalid_request_error' } },
    'model_missing',
  ),
  refused(
    'an error as a text with a 200',
    200,
    { error: 'model is overloaded', error_type: 'overloaded' },
    'provider_overloaded',
  ),
  inStream('an event named error', 'event: error\ndata: {"message":"CUDA out of memory"}\n\n', 'provider_failed'),
  inStream('an event named error with a text', 'event: error\ndata: upstream connect error\n\n', 'provider_failed'),
  inStream(
    'a line of JSON outside of an event (Ollama)',
    '{"error":{"message":"unexpected EOF"}}\n\n',
    'provider_failed',
  ),
  inStream(
    'a frame whose object is error (vLLM)',
    ev({ object: 'error', message: 'EngineDeadError', type: 'InternalServerError', param: null, code: 500 }),
    'provider_failed',
  ),
  inStream(
    'an error in the choice (OpenRouter)',
    ev({
      choices: [
        {
          index: 0,
          delta: { content: '' },
          finish_reason: 'error',
          native_finish_reason: 'error',
          error: { code: 502, message: 'Provider returned error' },
        },
      ],
    }) + DONE,
    'provider_failed',
  ),
  inStream(
    'an error beside the choice (OpenRouter)',
    o({ content: '' }, 'error', {
      error: { code: 429, message: 'Rate limit exceeded', metadata: { provider_name: 'x' } },
    }) + DONE,
    'provider_rate_limited',
  ),
  inStream(
    'an error of a proxy before Anthropic',
    ev({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    'provider_overloaded',
  ),
  inStream(
    'an error in a list (Google behind a proxy)',
    ev([{ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }]),
    'provider_overloaded',
  ),
  inStream('an error with only a number', ev({ error: { code: 500 } }), 'provider_failed'),
  inStream(
    'an error with nothing in it but a message',
    ev({ error: { message: 'Something went wrong' } }),
    'provider_failed',
  ),
  inStream(
    'an error whose code is a text of digits',
    ev({ error: { code: '429', message: 'x' } }),
    'provider_rate_limited',
  ),
  inStream(
    'an error in capitals (LM Studio)',
    ev({ Error: { message: 'Context size has been exceeded.' } }),
    'conversation_too_long',
  ),
  inStream(
    'an error with a reason after it',
    `${ev({ error: { message: 'shutting down' } })}${STOP}`,
    'provider_failed',
  ),
  openai('an error after the end of the answer', BOTH + o({}, 'stop') + ev({ error: 'shutting down' }), whole),
  inStream('an HTML page of the gateway in the middle', '<html><title>504</title></html>', 'connection_lost'),
  inStream(
    'a filter in the middle (Azure)',
    ev({ error: { code: 'content_filter', message: 'x', innererror: { code: 'ResponsibleAIPolicyViolation' } } }),
    'content_refused',
  ),
  openai('an error that is only quoted in the text', say('{"error":{"message":"x"}}') + STOP, {
    text: '{"error":{"message":"x"}}',
    code: null,
  }),
];
