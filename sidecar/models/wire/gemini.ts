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
import { errorIn, isStopMessage, isUnclear, isUnclearText } from './failures/error-frame.ts';
import { createErrorKeeper } from './failures/error-keeper.ts';
import { reasonOf } from './failures/reasons.ts';
import { createReasonKeeper, sse, type FrameReader } from './protocol.ts';
import { repairToolName } from './tool-calls.ts';

const MAX_CALLS = 32;

const USAGE_FIELDS = ['promptTokenCount', 'candidatesTokenCount', 'thoughtsTokenCount', 'totalTokenCount'];

/** Reads Gemini's protocol (`…:streamGenerateContent`), also from proxies that write its fields in snake case. */
export function createGeminiReader(toolNames: readonly string[]): FrameReader {
  const reasons = createReasonKeeper();
  let usage: JsonRecord | undefined;
  let words = false;
  let thoughts = false;
  let toolCalls = 0;
  const errors = createErrorKeeper();
  let isKnown = false;
  let isOverLimit = false;
  let continuationToken: string | undefined;
  /**
   * The parts from the first tool call on. They are held back until the response has ended well, because the SDK runs a tool
   * as soon as it reads the call.
   */
  const held: JsonRecord[] = [];
  /** The prompt was refused. A later reason does not change that. */
  let isBlocked = false;
  /** The last document contained a part of the answer. */
  let hasContent = false;
  let hasUnclearEnd = false;

  function takeDocument(document: JsonRecord, event: string | undefined): string {
    const inner = recordIn(document, 'response') ?? document; // Code Assist wraps each document
    const newUsage = usageIn(inner);
    usage = newUsage ?? usage;
    const feedback = field(inner, 'promptFeedback');
    const blocked = isRecord(feedback) ? firstText(feedback, ['blockReason', 'block_reason']) : undefined;
    if (blocked !== undefined && !/_?UNSPECIFIED$/.test(blocked)) isBlocked = true;
    if (isRecord(feedback) && (countIn(feedback, 'blockReason') ?? 0) > 0) isBlocked = true;
    const candidates = listOf(own(inner, 'candidates')).filter(
      (given): given is JsonRecord => isRecord(given) && isFirst(given),
    );
    if (usage !== undefined || feedback != null || own(inner, 'candidates') != null) isKnown = true;
    hasContent = false;
    const reason = [...candidates, inner].map(finishReasonIn).findLast((given) => given !== null) ?? null;
    const events = candidates.map(takeCandidate).join('');
    const reasonBefore = reasons.isStamped ? null : reasons.reason;
    reasons.note(reason, hasContent);
    errors.note(errorIn(inner, event, hasContent ? 'content' : reason === null ? 'empty' : 'end'), reasonBefore);
    if (hasContent) {
      hasUnclearEnd = false;
      errors.noteContent();
    } else if (reason === null && (newUsage === undefined ? isUnclear(inner, event) : isStopMessage(inner)))
      hasUnclearEnd = true;
    return events;
  }

  function takeCandidate(candidate: JsonRecord): string {
    const content = own(candidate, 'content');
    const parts = listOf(isRecord(content) ? own(content, 'parts') : content)
      .flatMap((part) => (isRecord(part) ? takeParts(part) : []))
      .filter((part) => part !== undefined);
    // An empty text does not count as content. Gemini sends one with its last frame.
    hasContent ||= parts.some((part) => part.text !== '');
    continuationToken = stringIn(candidate, 'continuationToken') ?? continuationToken;
    if (held.length > 0 || parts.some((part) => part.functionCall !== undefined)) {
      held.push(...parts);
      return '';
    }
    const grounding = sourcesOf(candidate);
    if (parts.length === 0 && grounding === undefined) return '';
    return sse(JSON.stringify({ candidates: [{ content: { parts }, groundingMetadata: grounding }] }));
  }

  /** A part should hold a text or a call. If it holds both, it is read as two parts. */
  function takeParts(part: JsonRecord): (JsonRecord | undefined)[] {
    const text = stringIn(part, 'text') ?? '';
    if (text === '' || !isRecord(field(part, 'functionCall'))) return [takePart(part)];
    return [takePart({ text, thought: own(part, 'thought') }), takePart({ ...part, text: undefined })];
  }

  function takePart(part: JsonRecord): JsonRecord | undefined {
    const signature = firstText(part, ['thoughtSignature', 'thought_signature']);
    const signed = signature === undefined ? {} : { thoughtSignature: signature };
    const call = field(part, 'functionCall');
    if (isRecord(call)) {
      if (toolCalls === MAX_CALLS) return void (isOverLimit = true);
      toolCalls += 1;
      const name = repairToolName(stringIn(call, 'name') ?? '', toolNames);
      return { functionCall: { name, args: argumentsOf(own(call, 'args')) }, ...signed };
    }
    const text = own(part, 'text');
    const isThought = own(part, 'thought') === true || own(part, 'thought') === 'true';
    if (typeof text === 'string') {
      if (text !== '' && isThought) thoughts = true;
      if (text !== '' && !isThought) words = true;
      return text === '' && signature === undefined
        ? undefined
        : { text, ...(isThought && { thought: true }), ...signed };
    }
    const data = field(part, 'inlineData');
    if (isRecord(data) && !isThought) {
      const mimeType = firstText(data, ['mimeType', 'mime_type']);
      const bytes = stringIn(data, 'data');
      if (mimeType === undefined || bytes === undefined) return undefined;
      words = true; // a picture is an answer, too
      return { inlineData: { mimeType, data: bytes }, ...signed };
    }
    // A part with nothing but a signature becomes an empty text, so that the signature keeps its place.
    return signature === undefined ? undefined : { text: '', ...signed };
  }

  return {
    take(value, event) {
      const inner = typeof value === 'string' ? parseJson(value) : value;
      return listOf(inner)
        .map((document) => (isRecord(document) ? takeDocument(document, event) : ''))
        .join('');
    },
    takeText(text) {
      if (isUnclearText(text)) hasUnclearEnd = true;
    },
    takeRepeated: () => 0,
    close: () => {},
    flush: () => '',
    heldText() {
      const parts = held.filter((part) => part.functionCall === undefined && part.text !== undefined);
      return parts.length === 0 ? '' : sse(JSON.stringify({ candidates: [{ content: { parts } }] }));
    },
    end(reason) {
      // Gemini can divide a long answer into several responses. The SDK asks for the rest with this token.
      const goesOn = reasons.reason === 'CONTINUATION' && continuationToken !== undefined;
      const finishReason = goesOn ? 'CONTINUATION' : reason === 'length' ? 'MAX_TOKENS' : 'STOP';
      const candidate = { content: { parts: held }, finishReason, continuationToken };
      return sse(JSON.stringify({ candidates: [candidate], usageMetadata: usage }));
    },
    get reason() {
      return isBlocked ? 'PROHIBITED_CONTENT' : reasons.reason;
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
      return toolCalls;
    },
    get error() {
      return errors.error;
    },
    get doubt() {
      return errors.doubt(reasons.isStamped ? null : reasons.reason);
    },
    /** Gemini sends each call in one piece. */
    cutCall: 'none',
    get isUnclear() {
      return hasUnclearEnd;
    },
    isDocument: () => false,
    get isOverLimit() {
      return isOverLimit;
    },
    get isKnown() {
      return isKnown;
    },
  };
}

const isFirst = (candidate: JsonRecord): boolean => {
  const index = own(candidate, 'index');
  return index == null || index === 0 || index === '0';
};

/** The reason to finish. Some proxies send the number of Google's enumeration in place of its name. */
const finishReasonIn = (record: JsonRecord): string | null => {
  const given = own(record, 'finishReason') ?? own(record, 'finish_reason');
  return typeof given === 'number' ? (REASON_NUMBERS[given] ?? null) : reasonOf(given);
};

const REASON_NUMBERS = [null, 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER'];

/** The names of fields in snake case, as some proxies write them. */
const SNAKE = {
  functionCall: 'function_call',
  groundingChunks: 'grounding_chunks',
  groundingMetadata: 'grounding_metadata',
  inlineData: 'inline_data',
  promptFeedback: 'prompt_feedback',
  usageMetadata: 'usage_metadata',
};

/** A field in camel case, as Google writes it, or in snake case. */
const field = (record: JsonRecord, name: keyof typeof SNAKE): unknown => own(record, name) ?? own(record, SNAKE[name]);

function argumentsOf(args: unknown): JsonRecord {
  const value = typeof args === 'string' ? parseJson(args) : args;
  return isRecord(value) ? value : {};
}

function usageIn(document: JsonRecord): JsonRecord | undefined {
  const given = field(document, 'usageMetadata');
  if (!isRecord(given)) return undefined;
  const counts = USAGE_FIELDS.map((name) => [name, countIn(given, name)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count !== undefined));
}

/** The web pages that an answer cites. */
function sourcesOf(candidate: JsonRecord): JsonRecord | undefined {
  const grounding = field(candidate, 'groundingMetadata');
  if (!isRecord(grounding)) return undefined;
  const chunks = listOf(field(grounding, 'groundingChunks')).flatMap((chunk) => {
    const web = isRecord(chunk) ? recordIn(chunk, 'web') : undefined;
    const uri = web && stringIn(web, 'uri');
    return uri === undefined ? [] : [{ web: { uri, title: stringIn(web!, 'title') } }];
  });
  return chunks.length === 0 ? undefined : { groundingChunks: chunks };
}
