/**
 * Why a stream can end with the outcome `error`. Codes never change, because pages, metrics and other clients rely on them.
 * `meaning` explains the code to developers. The code that detects the error writes an English sentence for the person, because
 * this sentence may name the provider or a setting. Pages in other languages show a sentence from app/words instead. `next` says
 * what may help the person:
 *
 * - `retry`: the same question, now;
 * - `wait`: the same question, after the time that the sentence names;
 * - `rephrase`: another question, or another model;
 * - `shorten`: a new conversation, or a shorter message;
 * - `other-model`: another model;
 * - `operator`: only the person who runs this server can help, with a setting or an account.
 */
export const STREAM_ERRORS = {
  key_refused: {
    next: 'operator',
    meaning: 'The provider does not accept the API key, or the key may not use this model.',
  },
  quota_used_up: { next: 'operator', meaning: 'The quota or the credit of the account is used up.' },
  account_refused: { next: 'operator', meaning: 'The provider does not serve this account or this region.' },
  not_a_model_server: { next: 'operator', meaning: 'The configured URL does not belong to a model server.' },
  unreachable: { next: 'operator', meaning: 'No connection to the provider could be opened.' },
  model_missing: { next: 'other-model', meaning: 'The provider does not have this model.' },
  conversation_too_long: { next: 'shorten', meaning: 'The conversation is longer than the model can read.' },
  request_refused: { next: 'other-model', meaning: 'The provider did not accept the request, for another reason.' },
  content_refused: { next: 'rephrase', meaning: 'A filter refused the question or stopped the answer.' },
  provider_rate_limited: { next: 'wait', meaning: 'The provider gets too many requests from this account.' },
  provider_overloaded: { next: 'wait', meaning: 'The provider is overloaded, or is still loading the model.' },
  provider_failed: { next: 'retry', meaning: 'The provider had a problem of its own.' },
  connection_lost: { next: 'retry', meaning: 'The connection ended before the answer did.' },
  answer_cut: { next: 'retry', meaning: 'The provider ended the answer before it was complete.' },
  not_understood: { next: 'retry', meaning: 'The provider sent something that is not in its protocol.' },
  tool_call_failed: { next: 'retry', meaning: 'The model called a tool in a form that cannot be read.' },
  empty_answer: { next: 'retry', meaning: 'The model ended without writing anything.' },
  thinking_limit: {
    next: 'rephrase',
    meaning: 'The model used up the output limit by thinking, before the first word of the answer.',
  },
  repeats_itself: { next: 'rephrase', meaning: 'The model repeated itself without end and was stopped.' },
  too_long: { next: 'rephrase', meaning: 'The answer reached the largest size that is kept (STREAM_MAX_BYTES).' },
  no_first_word: { next: 'retry', meaning: 'The first word did not come in time (FIRST_TOKEN_TIMEOUT_MS).' },
  stalled: { next: 'retry', meaning: 'The model fell silent in the middle (STALL_TIMEOUT_MS).' },
  too_slow: {
    next: 'retry',
    meaning: 'The answer took longer than the limit for all its calls together (ANSWER_TIMEOUT_MS).',
  },
  abandoned: {
    next: 'retry',
    meaning: 'The process that wrote the answer was lost, and no other process could continue the answer.',
  },
  model_error: { next: 'retry', meaning: 'Anything else.' },
} as const satisfies Record<string, { next: NextStep; meaning: string }>;

export type NextStep = 'retry' | 'wait' | 'rephrase' | 'shorten' | 'other-model' | 'operator';
export type StreamErrorCode = keyof typeof STREAM_ERRORS;
