import { errorIn } from './failures/error-frame.ts';
import {
  countIn,
  firstText,
  isRecord,
  listOf,
  own,
  parseJson,
  recordIn,
  stringIn,
  type JsonRecord,
} from './body/json.ts';
import { createRepeatedFrame } from './body/repeated-frame.ts';
import { createPendingWords } from './pending-words.ts';
import { createReasonKeeper, sse, type FrameReader } from './protocol.ts';
import { createToolCallCollector } from './tool-calls.ts';

/** The fields for thoughts. Some servers fill two of them with the same text, so only the first one with text counts. */
const THOUGHT_FIELDS = [
  'reasoning_content',
  'reasoning',
  'reasoning_text',
  'thinking',
  'thinking_content',
  'thought',
  'thoughts',
];

const THOUGHT_LISTS = [...THOUGHT_FIELDS, 'reasoning_details', 'thinking_blocks'];

/** The fields for the text if a thought is an object or a list of objects. */
const THOUGHT_TEXTS = ['text', 'content', 'summary', 'thinking'];

const REASON_FIELDS = ['finish_reason', 'finishReason'];

const ENVELOPES = ['data', 'result', 'response', 'output'];

const USAGE_FIELDS = ['prompt_tokens', 'completion_tokens', 'total_tokens'];

/** Reads OpenAI's protocol (`…/chat/completions`) with the variations of other servers. */
export function createOpenAiReader(toolNames: readonly string[]): FrameReader {
  const reasons = createReasonKeeper();
  const tools = createToolCallCollector(toolNames);
  let usage: JsonRecord | undefined;
  let words = false;
  let thoughts = false;
  let error: unknown;
  let isDocument = false;
  let isEmptyDocument = false;
  let isKnown = false;
  const pending = createPendingWords();
  const repeated = createRepeatedFrame((document) => {
    const choice = isRecord(document) ? choiceIn(document) : undefined;
    const delta = choice && recordIn(choice, 'delta');
    return delta && own(delta, 'content');
  });
  /** The frame that was read last contained nothing but text, so `repeated` may use it as a template. */
  let isPlain = false;

  function takeDocument(given: JsonRecord, event: string | undefined): string {
    const failure = errorIn(given, event);
    const document = unwrapped(given);
    usage = usageIn(document) ?? usage;
    const choice = choiceIn(document);
    if (choice === undefined) {
      error ??= failure;
      if (usage !== undefined || Array.isArray(own(document, 'choices'))) isKnown = true;
      // A document of this type is a whole answer. Without a choice, the answer is empty.
      if (own(document, 'object') === 'chat.completion') isEmptyDocument = true;
      reasons.note(firstText(document, REASON_FIELDS) ?? null, false);
      return '';
    }
    isKnown = true;
    const out = takeChoice(choice);
    isPlain &&= failure === undefined && usageIn(document) === undefined && document === given;
    error ??= failure;
    return out;
  }

  function takeChoice(choice: JsonRecord): string {
    const delta = deltaIn(choice);
    const given = reasonIn(choice) ?? firstText(delta, REASON_FIELDS) ?? null;
    const { text, thought } = contentOf(own(delta, 'content') ?? own(choice, 'text'));
    const refusal = stringIn(delta, 'refusal') ?? '';
    const reasoning = thoughtsIn(delta) + thought;
    const countBefore = tools.count;
    tools.take(own(delta, 'tool_calls'));
    tools.take(own(delta, 'function_call'));
    const says = text + refusal;
    reasons.note(given, says !== '' || reasoning !== '' || tools.count > countBefore);
    isPlain = given === null && says !== '' && says === own(delta, 'content') && reasoning === '' && !isDocument;
    isPlain &&= own(delta, 'tool_calls') == null && own(delta, 'function_call') == null;
    if (reasoning !== '') thoughts = true;
    if (says !== '') words = true;
    // The thoughts of a frame come before its own text, but after the text of earlier frames.
    const out = reasoning !== '' && pending.hasText ? pending.flushText() : '';
    pending.addThought(reasoning);
    pending.addText(says);
    return out;
  }

  /** A `message` is the whole answer, except in Ollama's own form. A whole answer after deltas repeats them and is ignored. */
  function deltaIn(choice: JsonRecord): JsonRecord {
    const delta = recordIn(choice, 'delta');
    const message = recordIn(choice, 'message');
    if (message === undefined || (delta && Object.keys(delta).length > 0)) return delta ?? {};
    const isNative = Object.hasOwn(choice, 'done');
    if (isNative) return message;
    if (words || thoughts || tools.count > 0) return {};
    isDocument = true;
    return message;
  }

  return {
    take(value, event, json) {
      isPlain = false;
      if (isRecord(value)) {
        const out = takeDocument(value, event);
        if (isPlain && json !== undefined && event === undefined) repeated.learn(json);
        return out;
      }
      // Some gateways wrap a document in a list, or encode it twice.
      const inner = typeof value === 'string' ? parseJson(value) : value;
      return listOf(inner)
        .map((document) => (isRecord(document) ? takeDocument(document, event) : ''))
        .join('');
    },
    takeRepeated(piece) {
      const { words: written, end } = repeated.read(piece);
      if (written.length > 0) {
        reasons.note(null, true);
        words = true;
        pending.addWritten(written);
      }
      return end;
    },
    flush: () => pending.flush(),
    end(reason) {
      const calls = tools.calls().map(({ id, name, args, signature }, index) => ({
        index,
        id,
        type: 'function',
        function: { name, arguments: args },
        ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
      }));
      const finish = { choices: [{ delta: {}, finish_reason: reason.replace('-', '_') }], usage };
      return (
        pending.flushText() +
        calls.map((call) => sse(JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] }))).join('') +
        sse(JSON.stringify(finish)) +
        sse('[DONE]')
      );
    },
    get reason() {
      return reasons.reason;
    },
    get isStamped() {
      return reasons.isStamped;
    },
    get words() {
      return words;
    },
    get thoughts() {
      return thoughts;
    },
    get toolCalls() {
      return tools.count;
    },
    get error() {
      return error;
    },
    get isDocument() {
      return isDocument || (isEmptyDocument && !words && !thoughts && tools.count === 0);
    },
    get isOverLimit() {
      return tools.isOverLimit;
    },
    get isKnown() {
      return isKnown;
    },
  };
}

/**
 * The first choice with index 0 or without an index. Ollama's own form has no choices, so one is made from the document.
 */
function choiceIn(document: JsonRecord): JsonRecord | undefined {
  for (const choice of listOf(own(document, 'choices'))) {
    if (!isRecord(choice)) continue;
    const index = own(choice, 'index');
    if (index == null || index === 0 || index === '0') return choice;
  }
  const message = recordIn(document, 'message');
  if (!message || !Object.hasOwn(document, 'done')) return undefined;
  const reason = own(document, 'done') === true ? (own(document, 'done_reason') ?? 'stop') : null;
  return { message, done: true, finish_reason: reason };
}

/**
 * Some gateways write the reason to finish into `stop_reason`. This field counts only without a `finish_reason`, because vLLM sends
 * both fields, and its `stop_reason` is the text or token that stopped the model.
 */
const reasonIn = (choice: JsonRecord): string | undefined =>
  firstText(choice, Object.hasOwn(choice, 'finish_reason') ? REASON_FIELDS : [...REASON_FIELDS, 'stop_reason']);

/** Some gateways put each frame into an envelope of their own. */
function unwrapped(document: JsonRecord): JsonRecord {
  if (Object.hasOwn(document, 'choices')) return document;
  const inner = ENVELOPES.map((name) => recordIn(document, name));
  return inner.find((content) => content && Object.hasOwn(content, 'choices')) ?? document;
}

function thoughtsIn(delta: JsonRecord): string {
  const text = firstText(delta, THOUGHT_FIELDS);
  if (text !== undefined) return text;
  for (const name of THOUGHT_LISTS) {
    const given = own(delta, name);
    if (given == null) continue;
    const pieces = listOf(given).filter(isRecord);
    const thought = pieces.map((piece) => firstText(piece, THOUGHT_TEXTS) ?? '').join('');
    if (thought !== '') return thought;
  }
  return '';
}

/** Reads `content`: a text, or a list of parts as Mistral sends it, `[{"type": "thinking", "thinking": [{"text": "…"}]}, …]`. */
function contentOf(content: unknown): { text: string; thought: string } {
  if (typeof content === 'string') return { text: content, thought: '' };
  let text = '';
  let thought = '';
  for (const part of listOf(content)) {
    if (typeof part === 'string') text += part;
    if (!isRecord(part)) continue;
    const type = stringIn(part, 'type') ?? 'text';
    if (type === 'thinking' || type === 'reasoning')
      thought += textIn(part, ['thinking', 'reasoning', 'text', 'summary']);
    else if (type === 'text' || type === 'output_text') text += textIn(part, ['text', 'content']);
  }
  return { text, thought };
}

function textIn(part: JsonRecord, names: readonly string[]): string {
  for (const name of names) {
    const value = own(part, name);
    if (typeof value === 'string') return value;
    if (Array.isArray(value))
      return value
        .filter(isRecord)
        .map((item) => stringIn(item, 'text') ?? '')
        .join('');
    if (isRecord(value)) return stringIn(value, 'value') ?? '';
  }
  return '';
}

function usageIn(document: JsonRecord): JsonRecord | undefined {
  const groq = recordIn(document, 'x_groq');
  const given = recordIn(document, 'usage') ?? (groq && recordIn(groq, 'usage'));
  if (!given) return undefined;
  const counts = USAGE_FIELDS.map((name) => [name, countIn(given, name)] as const);
  const details = recordIn(given, 'completion_tokens_details');
  const reasoning = details && countIn(details, 'reasoning_tokens');
  const usage = Object.fromEntries(counts.filter(([, count]) => count !== undefined));
  return reasoning === undefined ? usage : { ...usage, completion_tokens_details: { reasoning_tokens: reasoning } };
}
