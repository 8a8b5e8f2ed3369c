import { contentIn } from './content.ts';
import { countIn, isRecord, listOf, own, recordIn, type JsonRecord } from './body/json.ts';
import { reasonOf } from './failures/reasons.ts';

export const REASON_FIELDS = ['finish_reason', 'finishReason', 'finish_details'];

const ENVELOPES = ['data', 'result', 'response', 'output'];

const USAGE_FIELDS = ['prompt_tokens', 'completion_tokens', 'total_tokens'];

/**
 * The choices with this index or without an index. Some servers put words and tool calls into two choices with the same index. Ollama's
 * own form has no choices, so one is made from the document.
 */
export function choicesIn(document: JsonRecord, wanted: number): JsonRecord[] {
  const found = listOf(own(document, 'choices')).filter((choice): choice is JsonRecord => {
    if (!isRecord(choice)) return false;
    const index = own(choice, 'index');
    return index == null || index === wanted || index === String(wanted);
  });
  if (found.length > 0) return found;
  const message = recordIn(document, 'message');
  if (!message || !Object.hasOwn(document, 'done')) return [];
  const reason = own(document, 'done') === true ? (own(document, 'done_reason') ?? 'stop') : null;
  return [{ message, done: true, finish_reason: reason }];
}

/** The lowest index of the choices of a document; undefined if there are none. */
export function lowestIndexIn(document: JsonRecord): number | undefined {
  const indexes = listOf(own(document, 'choices')).flatMap((choice) =>
    isRecord(choice) ? (countIn(choice, 'index') ?? []) : [],
  );
  return indexes.length === 0 ? undefined : Math.min(...indexes);
}

/**
 * Some gateways write the reason to finish into `stop_reason`. This field counts only without a `finish_reason`, because vLLM sends
 * both fields, and its `stop_reason` is the text or token that stopped the model.
 */
export const reasonIn = (choice: JsonRecord, delta: JsonRecord): string | null =>
  firstReason(choice, REASON_FIELDS) ??
  (Object.hasOwn(choice, 'finish_reason') ? null : firstReason(choice, ['stop_reason'])) ??
  firstReason(delta, REASON_FIELDS);

/** Some servers write the reason beside the choices, or beside the envelope around them. */
export const reasonAround = (document: JsonRecord, envelope: JsonRecord): string | null =>
  firstReason(document, REASON_FIELDS) ?? (document === envelope ? null : firstReason(envelope, REASON_FIELDS));

export function firstReason(record: JsonRecord, names: readonly string[]): string | null {
  for (const name of names) {
    const reason = reasonOf(own(record, name));
    if (reason !== null) return reason;
  }
  return null;
}

/** True if a delta beside a message has no part of the answer. */
export function isWithoutContent(delta: JsonRecord): boolean {
  const { text, thought } = contentIn(delta);
  const calls = listOf(own(delta, 'tool_calls'));
  const oldCall = recordIn(delta, 'function_call');
  return (
    text === '' && thought === '' && calls.length === 0 && (oldCall === undefined || Object.keys(oldCall).length === 0)
  );
}

/** Some gateways put each frame into an envelope of their own. */
export function unwrapped(document: JsonRecord): JsonRecord {
  if (Object.hasOwn(document, 'choices')) return document;
  const inner = ENVELOPES.map((name) => recordIn(document, name));
  return inner.find((content) => content && Object.hasOwn(content, 'choices')) ?? document;
}

export function usageIn(document: JsonRecord): JsonRecord | undefined {
  const groq = recordIn(document, 'x_groq');
  const given = recordIn(document, 'usage') ?? (groq && recordIn(groq, 'usage'));
  if (!given) return undefined;
  const counts = USAGE_FIELDS.map((name) => [name, countIn(given, name)] as const);
  const details = recordIn(given, 'completion_tokens_details');
  const reasoning = details && countIn(details, 'reasoning_tokens');
  const usage = Object.fromEntries(counts.filter(([, count]) => count !== undefined));
  return reasoning === undefined ? usage : { ...usage, completion_tokens_details: { reasoning_tokens: reasoning } };
}
