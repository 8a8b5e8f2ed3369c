import { isRecord, own } from '../body/json.ts';

/**
 * The meaning of a reason to finish (`finish_reason`).
 *
 * - `complete`: the model finished its answer;
 * - `length`: a limit on the length of the answer ended it;
 * - `tools`: the model waits for the results of its tool calls;
 * - `refused`: a filter stopped the answer;
 * - `tool-trouble`: the model called a tool in a way that the server could not read or did not expect;
 * - `overloaded`, `failed`: the server could not go on;
 * - `cut`: the answer ended early, and the cause is unknown;
 * - `none`: the server gave no reason, or a placeholder such as `null`.
 */
export type ReasonKind =
  'complete' | 'length' | 'tools' | 'refused' | 'tool-trouble' | 'overloaded' | 'failed' | 'cut' | 'none';

export interface Reason {
  /** As servers write it; compared without regard to case, underscores, hyphens and spaces. */
  name: string;
  /** Which servers send it. */
  from: string;
  kind: ReasonKind;
}

const OPENAI = 'OpenAI';
const GEMINI = 'Gemini';

/** All known reasons. PROTOCOL.md 17.1 has the same table; docs/protocol.test.ts compares them. */
export const REASONS: readonly Reason[] = [
  { name: 'stop', from: `${OPENAI}, ${GEMINI} (STOP)`, kind: 'complete' },
  { name: 'eos', from: 'text-generation-webui, MLX', kind: 'complete' },
  { name: 'eos_token', from: 'TGI', kind: 'complete' },
  { name: 'end_turn', from: 'Anthropic proxies', kind: 'complete' },
  { name: 'end_of_turn', from: 'Bedrock proxies', kind: 'complete' },
  { name: 'end_of_text', from: 'llama.cpp forks, AI21', kind: 'complete' },
  { name: 'stop_sequence', from: 'TGI, Anthropic proxies', kind: 'complete' },
  { name: 'stop_string', from: 'LM Studio', kind: 'complete' },
  { name: 'stop_word', from: 'llama.cpp', kind: 'complete' },
  { name: 'word', from: 'llama.cpp', kind: 'complete' },
  { name: 'stop_token', from: 'SGLang', kind: 'complete' },
  { name: 'eos_found', from: 'LM Studio', kind: 'complete' },
  { name: 'stop_string_found', from: 'LM Studio', kind: 'complete' },
  { name: 'pause_turn', from: 'Anthropic proxies', kind: 'cut' },
  { name: 'complete', from: 'Cohere', kind: 'complete' },
  { name: 'completed', from: 'Responses proxies', kind: 'complete' },
  { name: 'finished', from: 'gateways', kind: 'complete' },
  { name: 'finish', from: 'Bedrock (Titan)', kind: 'complete' },
  { name: 'normal', from: 'Baidu', kind: 'complete' },
  { name: 'done', from: 'gateways', kind: 'complete' },
  { name: 'success', from: 'gateways', kind: 'complete' },
  { name: 'length', from: OPENAI, kind: 'length' },
  { name: 'max_tokens', from: `${GEMINI} (MAX_TOKENS), Anthropic proxies`, kind: 'length' },
  { name: 'max_output_tokens', from: 'Responses proxies', kind: 'length' },
  { name: 'max_new_tokens', from: 'TGI forks', kind: 'length' },
  { name: 'max_length', from: 'gateways', kind: 'length' },
  { name: 'max_len', from: 'xAI', kind: 'length' },
  { name: 'max_output', from: 'MiniMax', kind: 'length' },
  { name: 'maximum_tokens', from: 'Aleph Alpha', kind: 'length' },
  { name: 'token_limit', from: 'watsonx', kind: 'length' },
  { name: 'limit', from: 'llama.cpp', kind: 'length' },
  { name: 'model_length', from: 'Mistral', kind: 'length' },
  { name: 'model_context_window_exceeded', from: 'Anthropic proxies', kind: 'length' },
  { name: 'context_length_exceeded', from: 'gateways', kind: 'length' },
  { name: 'max_predicted_tokens_reached', from: 'LM Studio', kind: 'length' },
  { name: 'context_length_reached', from: 'LM Studio', kind: 'length' },
  { name: 'continuation', from: GEMINI, kind: 'length' },
  { name: 'tool_calls', from: OPENAI, kind: 'tools' },
  { name: 'tool_call', from: 'gateways', kind: 'tools' },
  { name: 'function_call', from: OPENAI, kind: 'tools' },
  { name: 'tool_use', from: 'Anthropic proxies', kind: 'tools' },
  { name: 'content_filter', from: OPENAI, kind: 'refused' },
  { name: 'content_filtered', from: 'Bedrock proxies', kind: 'refused' },
  { name: 'guardrail_intervened', from: 'Bedrock proxies', kind: 'refused' },
  { name: 'refusal', from: 'Anthropic proxies', kind: 'refused' },
  { name: 'sensitive', from: 'Zhipu', kind: 'refused' },
  { name: 'error_toxic', from: 'Cohere', kind: 'refused' },
  { name: 'safety', from: GEMINI, kind: 'refused' },
  { name: 'recitation', from: GEMINI, kind: 'refused' },
  { name: 'language', from: GEMINI, kind: 'refused' },
  { name: 'blocklist', from: GEMINI, kind: 'refused' },
  { name: 'prohibited_content', from: GEMINI, kind: 'refused' },
  { name: 'spii', from: GEMINI, kind: 'refused' },
  { name: 'model_armor', from: GEMINI, kind: 'refused' },
  { name: 'image_safety', from: GEMINI, kind: 'refused' },
  { name: 'image_prohibited_content', from: GEMINI, kind: 'refused' },
  { name: 'image_recitation', from: GEMINI, kind: 'refused' },
  { name: 'malformed_function_call', from: GEMINI, kind: 'tool-trouble' },
  { name: 'unexpected_tool_call', from: GEMINI, kind: 'tool-trouble' },
  { name: 'too_many_tool_calls', from: GEMINI, kind: 'tool-trouble' },
  { name: 'missing_thought_signature', from: GEMINI, kind: 'tool-trouble' },
  { name: 'malformed_tool_call', from: 'gateways', kind: 'tool-trouble' },
  { name: 'tool_use_failed', from: 'Groq', kind: 'tool-trouble' },
  { name: 'insufficient_system_resource', from: 'DeepSeek', kind: 'overloaded' },
  { name: 'overloaded', from: 'gateways', kind: 'overloaded' },
  { name: 'rate_limit', from: 'gateways', kind: 'overloaded' },
  { name: 'error', from: 'OpenRouter, vLLM, Mistral', kind: 'failed' },
  { name: 'network_error', from: 'Zhipu', kind: 'failed' },
  { name: 'internal_error', from: 'gateways', kind: 'failed' },
  { name: 'server_error', from: 'gateways', kind: 'failed' },
  { name: 'failed', from: 'LM Studio, Responses proxies', kind: 'failed' },
  { name: 'timeout', from: 'gateways', kind: 'failed' },
  { name: 'malformed_response', from: GEMINI, kind: 'failed' },
  { name: 'load', from: 'Ollama', kind: 'cut' },
  { name: 'unload', from: 'Ollama', kind: 'cut' },
  { name: 'model_unloaded', from: 'LM Studio', kind: 'cut' },
  { name: 'user_stopped', from: 'LM Studio', kind: 'cut' },
  { name: 'abort', from: 'vLLM, SGLang', kind: 'cut' },
  { name: 'aborted', from: 'gateways', kind: 'cut' },
  { name: 'cancelled', from: 'gateways', kind: 'cut' },
  { name: 'canceled', from: 'gateways', kind: 'cut' },
  { name: 'time_limit', from: 'watsonx', kind: 'cut' },
  { name: 'incomplete', from: 'Responses proxies', kind: 'cut' },
  { name: 'repetition', from: 'vLLM forks', kind: 'cut' },
  { name: 'other', from: `${GEMINI} (OTHER)`, kind: 'cut' },
  { name: 'image_other', from: GEMINI, kind: 'cut' },
  { name: 'no_image', from: GEMINI, kind: 'cut' },
  { name: 'unknown', from: 'gateways', kind: 'cut' },
  { name: '', from: 'many, in every frame but the last', kind: 'none' },
  { name: 'null', from: 'many, in every frame but the last', kind: 'none' },
  { name: 'none', from: 'gateways', kind: 'none' },
  { name: 'undefined', from: 'gateways', kind: 'none' },
  { name: 'finish_reason_unspecified', from: GEMINI, kind: 'none' },
  { name: 'not_finished', from: 'TGI, LMDeploy', kind: 'none' },
  { name: 'in_progress', from: 'Responses proxies', kind: 'none' },
];

/** `MAX_TOKENS`, `max-tokens` and `maxTokens` are the same. */
const canonical = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '');

const KINDS = new Map(REASONS.map(({ name, kind }) => [canonical(name), kind]));

/** A reason that is not in the table counts as `cut`, because an unknown reason must never be a success. */
export const kindOfReason = (name: string | null): ReasonKind =>
  name === null ? 'none' : (KINDS.get(canonical(name.slice(0, 100))) ?? 'cut');

const UNREADABLE = 'unknown';
const INNER_NAMES = ['type', 'reason', 'name', 'finish_reason', 'stop_reason'];

/**
 * The reason in the value of a field; `null` if there is none, or only a placeholder. Some servers wrap the reason:
 * `{"type": "length"}`, `["stop"]`. A value that cannot be read counts as an unknown reason.
 */
export function reasonOf(value: unknown, depth = 0): string | null {
  if (value == null || value === false || value === 0) return null;
  if (typeof value === 'string') return kindOfReason(value) === 'none' ? null : value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  if (depth > 3) return UNREADABLE;
  if (Array.isArray(value)) return reasonOf(value.at(-1), depth + 1);
  if (!isRecord(value)) return UNREADABLE;
  const given = INNER_NAMES.filter((name) => Object.hasOwn(value, name));
  for (const name of given) {
    const reason = reasonOf(own(value, name), depth + 1);
    if (reason !== null) return reason;
  }
  const isEmpty = given.length > 0 || Object.values(value).every((field) => field == null || field === '');
  return isEmpty ? null : UNREADABLE;
}
