import { isRecord, listOf, own, parseJson, recordIn, type JsonRecord } from './body/json.ts';
import { createRepeatedFrame } from './body/repeated-frame.ts';
import { contentIn } from './content.ts';
import { errorIn, isStopMessage, isUnclear, isUnclearText } from './failures/error-frame.ts';
import { createErrorKeeper } from './failures/error-keeper.ts';
import { createMessageGrowth } from './message-growth.ts';
import {
  choicesIn,
  firstReason,
  isWithoutContent,
  lowestIndexIn,
  reasonAround,
  reasonIn,
  unwrapped,
  usageIn,
  REASON_FIELDS,
} from './openai-fields.ts';
import { createPendingWords } from './pending-words.ts';
import { createReasonKeeper, joined, sse, type FrameReader } from './protocol.ts';
import { createToolCallCollector, type ToolCallCollector } from './tool-calls.ts';

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
  const errors = createErrorKeeper();
  /** The number of frames with a choice. */
  let choices = 0;
  /** Facts about the last choice if it was a message. Its document has the type `chat.completion`; its reason is `null`. */
  let message: { isNamed: boolean; isUnfinished: boolean } | null = null;
  let isEmptyDocument = false;
  let isKnown = false;
  let hasUnclearEnd = false;
  /** Some servers count choices from 1. Documents without a first choice are held back until there are several of them. */
  let others: { document: JsonRecord; event: string | undefined }[] = [];
  let otherIndex: number | undefined;
  let hasFirst = false;
  /** Events of documents that were held back. */
  let late = '';
  const pending = createPendingWords();
  const repeated = createRepeatedFrame((document) => {
    const choice = isRecord(document) ? choicesIn(document, 0)[0] : undefined;
    const delta = choice && recordIn(choice, 'delta');
    return delta && own(delta, 'content');
  });
  /** The frame that was read last contained nothing but text, so `repeated` may use it as a template. */
  let isPlain = false;

  function takeDocument(given: JsonRecord, event: string | undefined): string {
    const document = unwrapped(given);
    const newUsage = usageIn(document);
    usage = newUsage ?? usage;
    const found = choicesIn(document, otherIndex ?? 0);
    hasFirst ||= found.length > 0;
    if (found.length === 0 && !hasFirst && hold(given, event)) return '';
    if (found.length === 0) {
      if (usage !== undefined || Array.isArray(own(document, 'choices'))) isKnown = true;
      // A document of this type is a whole answer. Without a choice, the answer is empty.
      if (own(document, 'object') === 'chat.completion') isEmptyDocument = true;
      reasons.note(firstReason(document, REASON_FIELDS), false);
      takeEmpty(given, event, newUsage !== undefined);
      return '';
    }
    isKnown = true;
    choices += 1;
    const reasonBefore = reasons.isStamped ? null : reasons.reason;
    let out = '';
    let hasContent = false;
    let reason: string | null = null;
    for (const choice of found) {
      const taken = takeChoice(choice, document, given);
      out += taken.out;
      hasContent ||= taken.hasContent;
      reason = taken.reason ?? reason;
    }
    reasons.note(reason, hasContent);
    isPlain &&= found.length === 1;
    if (!hasContent && reason === null) takeEmpty(given, event, newUsage !== undefined);
    else {
      if (hasContent) errors.noteContent();
      const failure = errorIn(given, event, hasContent ? 'content' : 'end');
      isPlain &&= failure === undefined && newUsage === undefined && document === given;
      errors.note(failure, reasonBefore);
      hasUnclearEnd = false;
    }
    return out;
  }

  /** Holds back a document whose choices are not the first ones. Returns false if there are none. */
  function hold(document: JsonRecord, event: string | undefined): boolean {
    if (otherIndex !== undefined || lowestIndexIn(unwrapped(document)) === undefined) return false;
    others.push({ document, event });
    if (others.length === MAX_HELD) close();
    return true;
  }

  /** Takes the documents that were held back, if there was no first choice. */
  function close(): void {
    say(messageText.rest(), messageThought.rest());
    const held = others;
    others = [];
    if (hasFirst || held.length === 0) return;
    otherIndex = Math.min(...held.map(({ document }) => lowestIndexIn(unwrapped(document))!));
    for (const { document, event } of held) late += takeDocument(document, event);
  }

  /** Takes a document without any part of the answer. */
  function takeEmpty(document: JsonRecord, event: string | undefined, hasUsage: boolean): void {
    errors.note(errorIn(document, event, 'empty'), reasons.isStamped ? null : reasons.reason);
    if (hasUsage ? isStopMessage(document) : isUnclear(document, event)) hasUnclearEnd = true;
  }

  function takeChoice(choice: JsonRecord, document: JsonRecord, given: JsonRecord): Taken {
    const delta = recordIn(choice, 'delta') ?? {};
    const whole = recordIn(choice, 'message');
    message = null;
    // A `message` holds the answer so far, except in Ollama's own form, where it is a delta.
    if (whole !== undefined && !Object.hasOwn(choice, 'done') && isWithoutContent(delta))
      return takeMessage(whole, { choice, document, given });
    const source = whole !== undefined && isWithoutContent(delta) ? whole : delta;
    const { text, thought } = contentIn(source, own(source, 'content') || own(choice, 'text'));
    const calls = own(source, 'tool_calls');
    const oldCall = own(source, 'function_call');
    const hasNewCalls = takeCalls(calls, oldCall, false);
    const reason = reasonIn(choice, source) ?? reasonAround(document, given);
    const hasContent = text !== '' || thought !== '' || hasNewCalls;
    isPlain =
      reason === null && text !== '' && text === own(source, 'content') && thought === '' && whole === undefined;
    isPlain &&= calls == null && oldCall == null;
    inDeltas.text ||= text !== '';
    messageText.addDelta(text);
    messageThought.addDelta(thought);
    inDeltas.tools ||= hasNewCalls;
    return { out: say(text, thought), hasContent, reason };
  }

  function takeMessage(
    whole: JsonRecord,
    { choice, document, given }: { choice: JsonRecord; document: JsonRecord; given: JsonRecord },
  ): Taken {
    const content = contentIn(whole);
    const text = messageText.take(content.text);
    // Thoughts may have come in tags, as a part of the text.
    const thought = inDeltas.text ? '' : messageThought.take(content.thought);
    const hasNewCalls = !inDeltas.tools && takeCalls(own(whole, 'tool_calls'), own(whole, 'function_call'), true);
    const reason = reasonIn(choice, whole) ?? reasonAround(document, given);
    const hasContent = text !== '' || thought !== '' || hasNewCalls;
    const isUnfinished = reason === null && REASON_FIELDS.some((name) => Object.hasOwn(choice, name));
    message = { isNamed: own(document, 'object') === 'chat.completion', isUnfinished };
    return { out: say(text, thought), hasContent, reason };
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
        errors.noteContent();
        hasUnclearEnd = false;
        messageText.addWritten(written);
        pending.addWritten(written);
      }
      return end;
    },
    close,
    flush() {
      const events = late === '' ? pending.flush() : joined(late, pending.flush());
      late = '';
      return events;
    },
    heldText: () => '',
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
      return errors.error;
    },
    get doubt() {
      return errors.doubt(reasons.isStamped ? null : reasons.reason);
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

/** What one choice of a document contains. */
interface Taken {
  out: string;
  hasContent: boolean;
  reason: string | null;
}

const MAX_HELD = 8;
