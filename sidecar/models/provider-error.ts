import { APICallError, RetryError, StreamProviderError } from 'ai';
import { ModelError } from './model.ts';

/** How a provider is spoken of to the person who reads an answer, and to whoever runs the server. */
export interface Provider {
  /** In the middle of a sentence: `Google`, `the model server`. */
  title: string;
  keySetting: string;
  urlSetting: string;
}

/**
 * Anything that a model call threw or streamed as an error, as one sentence for the person and no more: what a
 * provider says may hold the prompt or a key, so neither its text nor the error itself is kept. `cause` is a summary
 * for the log. `resuming`: the request ended with a partial answer.
 */
export function toModelError(error: unknown, provider: Provider, { resuming }: { resuming: boolean }): ModelError {
  if (error instanceof ModelError) return error;
  const facts = read(error);
  const { sentence, retryable } = explain(facts, provider);
  return new ModelError(sentence, {
    retryable,
    continuationRefused: resuming && (facts.status === 400 || facts.status === 422),
    cause: new ProviderFailure(facts),
  });
}

/** What may be known about a failed call. */
interface Facts {
  /** The error's class. */
  name: string;
  /** The HTTP status, or the one that the provider's own code stands for. */
  status?: number;
  /** The provider's or the network's code: `RESOURCE_EXHAUSTED`, `ECONNREFUSED`. */
  code?: string;
  /** Nothing was wrong but the way there. */
  isNetwork?: boolean;
}

/** What is safe to log of a failed call. */
export class ProviderFailure extends Error {
  readonly status: number | undefined;
  constructor({ name, status, code }: Facts) {
    super([name, status && `status ${status}`, code].filter(Boolean).join(', '));
    this.name = 'ProviderFailure';
    this.status = status;
  }
}

function read(error: unknown): Facts {
  if (RetryError.isInstance(error)) return read(error.lastError);
  const name = error instanceof Error ? error.name : typeof error;
  if (APICallError.isInstance(error)) {
    const failed = error.statusCode !== undefined && error.statusCode >= 400;
    if (!failed) return { name, code: networkCode(error.cause), isNetwork: true };
    const { status, code } = readBody(error.data);
    // Where the body only repeats the class of the error, the status of the response is the better one.
    return { name, status: code && Object.hasOwn(CAUSES, code) ? status : error.statusCode, code };
  }
  if (StreamProviderError.isInstance(error)) return { name, status: 500, ...readBody(error.data) };
  const code = networkCode(error);
  return { name, code, isNetwork: code !== undefined };
}

/** Codes that providers write into the body of an error, by the status that would fit. These say what is the matter … */
const CAUSES: Record<string, number> = {
  API_KEY_INVALID: 401,
  invalid_api_key: 401,
  insufficient_quota: 402,
  model_not_found: 404,
  FAILED_PRECONDITION: 412,
  context_length_exceeded: 413,
  exceed_context_size_error: 413,
};

/** … and these only repeat the status, which in the middle of a stream is all that there is. */
const CLASSES: Record<string, number> = {
  INVALID_ARGUMENT: 400,
  invalid_request_error: 400,
  UNAUTHENTICATED: 401,
  authentication_error: 401,
  PERMISSION_DENIED: 403,
  permission_error: 403,
  NOT_FOUND: 404,
  not_found_error: 404,
  RESOURCE_EXHAUSTED: 429,
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  INTERNAL: 500,
  server_error: 500,
  api_error: 500,
  UNAVAILABLE: 503,
  overloaded_error: 503,
  DEADLINE_EXCEEDED: 504,
};

/** Google: `{error: {code, status, details: [{reason}]}}`; OpenAI: `{error: {type, code}}`; in a stream without `error`. */
function readBody(body: unknown): { status?: number; code?: string } {
  const error = isRecord(body) && isRecord(body.error) ? body.error : body;
  if (!isRecord(error)) return {};
  const reasons = Array.isArray(error.details) ? error.details.map((detail) => isRecord(detail) && detail.reason) : [];
  const codes = [...reasons, error.code, error.status, error.type].filter((code) => typeof code === 'string');
  for (const table of [CAUSES, CLASSES]) {
    const code = codes.find((candidate) => Object.hasOwn(table, candidate));
    if (code !== undefined) return { status: table[code], code };
  }
  const number = Number(error.code);
  return number >= 400 && number < 600 ? { status: number } : {};
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function networkCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return undefined;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

interface Explanation {
  sentence: string;
  retryable: boolean;
}

/** `retryable` for what may pass by itself. Too many requests and used-up quotas do not within the next second. */
function explain({ status, code, isNetwork }: Facts, { title, keySetting, urlSetting }: Provider): Explanation {
  const Title = capitalised(title);
  switch (status) {
    case 401:
    case 403:
      return lasting(`${Title} did not accept the API key. Whoever runs this server can check ${keySetting}.`);
    case 402:
      return lasting(`${Title} says that the quota or the credit of this account is used up.`);
    case 404:
      return lasting(`${Title} does not have this model. Please choose another one.`);
    case 412:
      return lasting(`${Title} does not answer for this account, or not from where this server runs.`);
    case 413:
      return lasting('This conversation is too long for the model. Please start a new one, or shorten your message.');
    case 429:
      return lasting(`${Title} has had too many requests, or the quota is used up. Please try again later.`);
    case 408:
    case 504:
      return passing(`${Title} took too long to answer. Please try again.`);
    case 503:
    case 529:
      return passing(`${Title} is overloaded. Please try again in a moment.`);
    default:
  }
  if (status !== undefined && status >= 500) return passing(`${Title} had a problem of its own. Please try again.`);
  if (status !== undefined) return lasting(`${Title} did not accept this request.`);
  if (code !== undefined && UNREACHABLE.has(code)) {
    return passing(`${Title} cannot be reached. Whoever runs this server can check ${urlSetting} and the network.`);
  }
  if (isNetwork) return passing(lost(title));
  return passing(`${Title} sent something that could not be understood. Please try again.`);
}

const capitalised = (title: string): string => title.charAt(0).toUpperCase() + title.slice(1);

const passing = (sentence: string): Explanation => ({ sentence, retryable: true });
const lasting = (sentence: string): Explanation => ({ sentence, retryable: false });
const lost = (title: string): string => `The connection to ${title} was lost before the answer was complete.`;

/** The end of an answer that is an error, though none was on the wire: what the provider gave as its reason. */
export function endedBadly(finishReason: string | undefined, provider: Provider): ModelError | null {
  const Title = capitalised(provider.title);
  switch (finishReason) {
    case 'interrupted':
      return connectionLost(provider);
    case 'error':
      return new ModelError(`${Title} broke off this answer with an error. Please try again.`, { retryable: true });
    case 'content-filter':
      return new ModelError(`${Title} stopped this answer: its safety filter objected.`, { retryable: false });
    default:
      return null;
  }
}

export const connectionLost = ({ title }: Provider): ModelError => new ModelError(lost(title), { retryable: true });

export const emptyAnswer = ({ title }: Provider): ModelError =>
  new ModelError(`${capitalised(title)} gave an empty answer. Please try again.`, { retryable: true });
