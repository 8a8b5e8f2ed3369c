import type { Continuation } from './model.ts';

export interface Knowledge {
  continuation: Continuation;
  /** Approximate size of the model's context in tokens. */
  contextTokens: number;
  tools: boolean;
  /** Whether the model shows its reasoning on request. */
  reasoning: boolean;
}

/**
 * The first matching pattern counts.
 *
 * Older Gemini models continue an answer if the last message of the request is a partial answer. In our tests they repeated
 * nothing, but Google does not promise that. So they are listed as `repeats`, which does no harm to a model that repeats
 * nothing. Gemini 3.6 Flash, 3.5 Flash-Lite and all later models refuse such a request with 400
 * (ai.google.dev/gemini-api/docs/latest-model, 2026). Aliases such as `gemini-flash-latest` point to models that refuse.
 *
 * OpenAI-compatible servers differ: vLLM and llama.cpp continue if they are asked to (see openai-compatible.ts); others
 * begin the sentence or the whole answer again.
 */
const KNOWN: [pattern: string, knowledge: Knowledge][] = [
  ['gemini-*image*', { continuation: 'refuses', contextTokens: 32_000, tools: false, reasoning: false }],
  ['gemini-*tts*', { continuation: 'refuses', contextTokens: 8_000, tools: false, reasoning: false }],
  ['gemini-2.*', { continuation: 'repeats', contextTokens: 1_000_000, tools: true, reasoning: true }],
  ['gemini-3-*', { continuation: 'repeats', contextTokens: 1_000_000, tools: true, reasoning: true }],
  ['gemini-3.1-*', { continuation: 'repeats', contextTokens: 1_000_000, tools: true, reasoning: true }],
  ['gemini-3.5-flash', { continuation: 'repeats', contextTokens: 1_000_000, tools: true, reasoning: true }],
  ['gemini-*', { continuation: 'refuses', contextTokens: 1_000_000, tools: true, reasoning: true }],
  ['*', { continuation: 'repeats', contextTokens: 32_000, tools: true, reasoning: false }],
];

/**
 * `continuations`: a setting that overrides the known continuation. Its keys are patterns of ids in which `*` matches any
 * text.
 */
export function knowledgeOf(modelId: string, continuations: Record<string, Continuation> = {}): Knowledge {
  const knowledge = firstMatch(KNOWN, modelId)!;
  return { ...knowledge, continuation: firstMatch(Object.entries(continuations), modelId) ?? knowledge.continuation };
}

const firstMatch = <T>(entries: [pattern: string, value: T][], modelId: string): T | undefined =>
  entries.find(([pattern]) => matches(pattern, modelId))?.[1];

function matches(pattern: string, modelId: string): boolean {
  const literals = pattern.split('*').map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`).test(modelId);
}
