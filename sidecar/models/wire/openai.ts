import { countIn, isRecord, listOf, own, parseJson, recordIn, type JsonRecord } from './body/json.ts';
import { createRepeatedFrame } from './body/repeated-frame.ts';
import { contentIn } from './content.ts';
import { errorIn, isUnclear, isUnclearText } from './failures/error-frame.ts';
import { reasonOf } from './failures/reasons.ts';
import { createMessageGrowth } from './message-growth.ts';
import { createPendingWords } from './pending-words.ts';
import { createReasonKeeper, sse, type FrameReader } from './protocol.ts';
import { createToolCallCollector, type ToolCallCollector } from './tool-calls.ts';

const REASON_FIELDS = ['finish_reason', 'finishReason', 'finish_details'];

const ENVELOPES = ['data', 'result', 'response', 'output'];

const USAGE_FIELDS = ['prompt_tokens', 'completion_tokens', 'total_tokens'];

/** Reads OpenAI's protocol (`…/chat/completions`) with the variations of other servers. */
export function createOpenAiReader(toolNames: readonly string[]): FrameReader {
  const reasons = createReasonKeeper();
  const toolCalls = createToolCallCollector(toolNames);
  /** Calls in the old field `function_call`. They count only if there are none in `tool_calls`, because some servers fill both. */
  const functionCalls = createToolCallCollector(toolNames);
  const tools = (): ToolCallCollector => (toolCalls.count > 0 ? toolCalls : functionCalls);
  const messageText = createMessageGrowth();
  const messageThought = createMessageGrowth();
  /** What came in deltas. A message that follows repeats it, and may have more. */
  const inDeltas = { text: false, tools: false };
  let usage: JsonRecord | undefined;
  let words = false;
  let thoughts = false;
  let error: unknown;
  /** The number of frames with a choice. */
  let choices = 0;
  /** Facts about the last choice if it was a message. Its document has the type `chat.completion`; its reason is `null`. */
  let message: { isNamed: boolean; isUnfinished: boolean } | null = null;
  let isEmptyDocument = false;
  let isKnown = false;
  let hasUnclearEnd = false;
  const pending = createPendingWords();
  const repeated = createRepeatedFrame((document) => {
    const choice = isRecord(document) ? choiceIn(document) : undefined;
    const delta = choice && recordIn(choice, 'delta');
    return delta && own(delta, 'content');
  });
  /** The frame that was read last contained nothing but text, so `repeated` may use it as a template. */
  let isPlain = false;

  function takeDocument(given: JsonRecord, event: string | undefined): string {
    const document = unwrapped(given);
    const newUsage = usageIn(document);
    usage = newUsage ?? usage;
    const choice = choiceIn(document);
    if (choice === undefined) {
      if (usage !== undefined || Array.isArray(own(document, 'choices'))) isKnown = true;
      // A document of this type is a whole answer. Without a choice, the answer is empty.
      if (own(document, 'object') === 'chat.completion') isEmptyDocument = true;
      reasons.note(firstReason(document, REASON_FIELDS), false);
      takeEmpty(given, event, newUsage !== undefined);
      return '';
    }
    isKnown = true;
    choices += 1;
    const { out, isEmpty } = takeChoice(choice, document, given);
    if (isEmpty) takeEmpty(given, event, newUsage !== undefined);
    else {
      const failure = errorIn(given, event, false);
      isPlain &&= failure === undefined && newUsage === undefined && document === given;
      error ??= failure;
      hasUnclearEnd = false;
    }
    return out;
  }

  /** Takes a document without any part of the answer. */
  function takeEmpty(document: JsonRecord, event: string | undefined, hasUsage: boolean): void {
    error ??= errorIn(document, event, true);
    if (!hasUsage && isUnclear(document, event)) hasUnclearEnd = true;
  }

  function takeChoice(choice: JsonRecord, document: JsonRecord, given: JsonRecord): { out: string; isEmpty: boolean } {
    const delta = recordIn(choice, 'delta') ?? {};
    const whole = recordIn(choice, 'message');
    message = null;
    // A `message` holds the answer so far, except in Ollama's own form, where it is a delta.
    if (whole !== undefined && !Object.hasOwn(choice, 'done') && isWithoutContent(delta))
      return takeMessage(whole, { choice, document, given });
    const source = whole !== undefined && isWithoutContent(delta) ? whole : delta;
    const { text, thought } = contentIn(source, own(source, 'content') ?? own(choice, 'text'));
    const calls = own(source, 'tool_calls');
    const oldCall = own(source, 'function_call');
    const hasNewCalls = takeCalls(calls, oldCall, false);
    const reason = reasonIn(choice, source) ?? reasonAround(document, given);
    const hasContent = text !== '' || thought !== '' || hasNewCalls;
    reasons.note(reason, hasContent);
    isPlain =
      reason === null && text !== '' && text === own(source, 'content') && thought === '' && whole === undefined;
    isPlain &&= calls == null && oldCall == null;
    inDeltas.text ||= text !== '';
    messageText.addDelta(text);
    messageThought.addDelta(thought);
    inDeltas.tools ||= hasNewCalls;
    return { out: say(text, thought), isEmpty: !hasContent && reason === null };
  }

  function takeMessage(
    whole: JsonRecord,
    { choice, document, given }: { choice: JsonRecord; document: JsonRecord; given: JsonRecord },
  ): { out: string; isEmpty: boolean } {
    const content = contentIn(whole);
    const text = messageText.take(content.text);
    // Thoughts may have come in tags, as a part of the text.
    const thought = inDeltas.text ? '' : messageThought.take(content.thought);
    const hasNewCalls = !inDeltas.tools && takeCalls(own(whole, 'tool_calls'), own(whole, 'function_call'), true);
    const reason = reasonIn(choice, whole) ?? reasonAround(document, given);
    const hasContent = text !== '' || thought !== '' || hasNewCalls;
    reasons.note(reason, hasContent);
    const isUnfinished = reason === null && REASON_FIELDS.some((name) => Object.hasOwn(choice, name));
    message = { isNamed: own(document, 'object') === 'chat.completion', isUnfinished };
    return { out: say(text, thought), isEmpty: !hasContent && reason === null };
  }

  /** Returns true if there is anything new in the calls. */
  function takeCalls(calls: unknown, oldCall: unknown, isMessage: boolean): boolean {
    const isNew = calls != null && toolCalls.take(calls, isMessage);
    return (oldCall != null && functionCalls.take(oldCall, isMessage) && toolCalls.count === 0) || isNew;
  }

  function say(text: string, thought: string): string {
    if (thought !== '') thoughts = true;
    if (text !== '') words = true;
    // The thoughts of a frame come before its own text, but after the text of earlier frames.
    const out = thought !== '' && pending.hasText ? pending.flushText() : '';
    pending.addThought(thought);
    pending.addText(text);
    return out;
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
    takeText(text) {
      if (isUnclearText(text)) hasUnclearEnd = true;
    },
    takeRepeated(piece) {
      const { words: written, end } = repeated.read(piece);
      if (written.length > 0) {
        reasons.note(null, true);
        words = inDeltas.text = true;
        hasUnclearEnd = false;
        messageText.addWritten(written);
        pending.addWritten(written);
      }
      return end;
    },
    flush: () => pending.flush(),
    end(reason) {
      const calls = tools()
        .calls()
        .map(({ id, name, args, signature }, index) => ({
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
    get isReasonWithContent() {
      return reasons.isWithContent;
    },
    get words() {
      return words;
    },
    get thoughts() {
      return thoughts;
    },
    get toolCalls() {
      return tools().count;
    },
    get error() {
      return error;
    },
    get cutCall() {
      return tools().cutCall;
    },
    get isUnclear() {
      return hasUnclearEnd;
    },
    isDocument(isJson) {
      if (message === null || choices > 1) return isEmptyDocument && choices === 0;
      return isJson ? message.isNamed || !message.isUnfinished : message.isNamed && !message.isUnfinished;
    },
    get isOverLimit() {
      return toolCalls.isOverLimit || functionCalls.isOverLimit;
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
const reasonIn = (choice: JsonRecord, delta: JsonRecord): string | null =>
  firstReason(choice, REASON_FIELDS) ??
  (Object.hasOwn(choice, 'finish_reason') ? null : firstReason(choice, ['stop_reason'])) ??
  firstReason(delta, REASON_FIELDS);

/** Some servers write the reason beside the choices, or beside the envelope around them. */
const reasonAround = (document: JsonRecord, envelope: JsonRecord): string | null =>
  firstReason(document, REASON_FIELDS) ?? (document === envelope ? null : firstReason(envelope, REASON_FIELDS));

function firstReason(record: JsonRecord, names: readonly string[]): string | null {
  for (const name of names) {
    const reason = reasonOf(own(record, name));
    if (reason !== null) return reason;
  }
  return null;
}

/** True if a delta beside a message has no part of the answer. */
function isWithoutContent(delta: JsonRecord): boolean {
  const { text, thought } = contentIn(delta);
  return text === '' && thought === '' && own(delta, 'tool_calls') == null && own(delta, 'function_call') == null;
}

/** Some gateways put each frame into an envelope of their own. */
function unwrapped(document: JsonRecord): JsonRecord {
  if (Object.hasOwn(document, 'choices')) return document;
  const inner = ENVELOPES.map((name) => recordIn(document, name));
  return inner.find((content) => content && Object.hasOwn(content, 'choices')) ?? document;
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
