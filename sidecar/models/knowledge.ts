import type { Continuation } from './model.ts';

/** What is known about a model, by its id. */
export interface Knowledge {
  continuation: Continuation;
  /** How many tokens of conversation it takes, roughly. */
  contextTokens: number;
  /** Whether it takes tools. */
  tools: boolean;
  /** Whether it shows its reasoning when asked to. */
  reasoning: boolean;
}

/**
 * The first pattern that matches counts.
 *
 * Gemini goes on from a trailing message of the model, and does so exactly where it was tried, but Google does not
 * promise it: `repeats` costs nothing if it never does. From 3.6 Flash and 3.5 Flash-Lite on it is refused with 400,
 * and by all that come after them (ai.google.dev/gemini-api/docs/latest-model, 2026), so also by aliases that move.
 *
 * OpenAI-compatible servers differ: vLLM and llama.cpp go on if asked to (see openai-compatible.ts), others begin a
 * sentence or the whole answer again.
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

/** `continuations`: what a setting says instead, by patterns of ids in which `*` stands for anything. */
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
