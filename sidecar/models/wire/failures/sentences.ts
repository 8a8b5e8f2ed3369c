import type { Provider } from '../../provider.ts';
import type { Failure } from './failure.ts';

/** What happened, and what to do about it, for the person who reads the answer. */
export function sentenceOf(failure: Failure, { title, keySetting, urlSetting }: Provider): string {
  const Title = title.charAt(0).toUpperCase() + title.slice(1);
  const later = failure.retryAfterMs === undefined ? 'later' : `in ${duration(failure.retryAfterMs)}`;
  switch (failure.code) {
    case 'key_refused':
      return `${Title} did not accept the API key. The operator of this server can check ${keySetting}.`;
    case 'quota_used_up':
      return `${Title} says that the quota or the credit of this account is used up. The operator of this server can raise it; until then another model may answer.`;
    case 'account_refused':
      return `${Title} does not serve this account, or does not serve the country of this server. Please choose another model.`;
    case 'not_a_model_server':
      return `What answers at the address of ${title} is not a model server. Is ${urlSetting} right?`;
    case 'unreachable':
      return `${Title} cannot be reached. The operator of this server can check ${urlSetting} and the network.`;
    case 'model_missing':
      return `${Title} does not have this model. Please choose another one.`;
    case 'conversation_too_long':
      return 'This conversation is too long for the model. Please start a new one, or shorten your message.';
    case 'content_refused':
      return `${Title} stopped this answer: its safety filter objected. Please ask in other words.`;
    case 'provider_rate_limited':
      return `${Title} has had too many requests, or the quota is used up. Please try again ${later}.`;
    case 'provider_overloaded':
      return `${Title} is overloaded. Please try again ${failure.retryAfterMs === undefined ? 'in a moment' : later}.`;
    case 'provider_failed':
      if (failure.status === 408 || failure.status === 504)
        return `${Title} took too long to answer. Please try again.`;
      return `${Title} had a problem of its own. Please try again.`;
    case 'connection_lost':
      return `The connection to ${title} was lost before the answer was complete. Please try again.`;
    case 'answer_cut':
      return `${Title} ended this answer early and did not say why. You can go on from here, or try again.`;
    case 'not_understood':
      return `${Title} sent something that could not be understood. Please try again.`;
    case 'tool_call_failed':
      return `The model called a tool in a form that ${title} could not use. Please try again.`;
    case 'empty_answer':
      return `${Title} gave an empty answer. Please try again, or ask in other words.`;
    case 'thinking_limit':
      return 'The model used up the limit for its answer before the first word, most likely by thinking. Please ask for less in one message, or choose another model.';
    case 'repeats_itself':
      return 'The model repeated itself without end and was stopped. Please ask in other words, or choose another model.';
    case 'too_long':
      return 'The answer became too long and was ended here.';
    default:
      return `${Title} did not accept this request. Please choose another model, or start a new conversation.`;
  }
}

/** `50 seconds`, `2 minutes`. */
function duration(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
