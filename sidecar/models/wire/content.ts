import { isRecord, listOf, own, firstText, stringIn, type JsonRecord } from './body/json.ts';

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

const PART_TEXTS = ['text', 'content', 'refusal', 'value'];
const PART_THOUGHTS = [...THOUGHT_FIELDS, 'text', 'summary', 'content'];
const IS_THOUGHT = /think|thought|reason/i;
/** Types of parts that contain no words of the answer. */
const IS_OTHER =
  /tool|function|call|image|audio|video|file|media|document|citation|reference|source|search|redact|encrypt/i;

export interface Content {
  text: string;
  thought: string;
}

/**
 * The words and thoughts in a `delta` or a `message`. Servers that refuse a question put their words into `refusal`. Some of them put
 * the same words into `content`, too.
 */
export function contentIn(delta: JsonRecord, content: unknown = own(delta, 'content')): Content {
  const { text, thought } = contentOf(content);
  return {
    text: text === '' ? (stringIn(delta, 'refusal') ?? '') : text,
    thought: thoughtsIn(delta) + thought,
  };
}

function thoughtsIn(delta: JsonRecord): string {
  const text = firstText(delta, THOUGHT_FIELDS);
  if (text !== undefined) return text;
  for (const name of THOUGHT_LISTS) {
    const given = own(delta, name);
    const thought = given == null || typeof given === 'string' ? '' : textOf(given, THOUGHT_TEXTS);
    if (thought !== '') return thought;
  }
  return '';
}

/** Reads `content`: a text, or a list of parts as Mistral sends it, `[{"type": "thinking", "thinking": [{"text": "…"}]}, …]`. */
function contentOf(content: unknown): Content {
  if (typeof content === 'string') return { text: content, thought: '' };
  let text = '';
  let thought = '';
  for (const part of listOf(content)) {
    if (typeof part === 'string' || typeof part === 'number') text += part;
    if (!isRecord(part)) continue;
    const type = stringIn(part, 'type') ?? 'text';
    if (IS_THOUGHT.test(type) || own(part, 'thought') === true) thought += textOf(part, [...PART_THOUGHTS, type]);
    else if (!IS_OTHER.test(type)) text += textOf(part, [...PART_TEXTS, type]);
  }
  return { text, thought };
}

/** The text in a value: the value itself, the texts of a list, or the first field of a record that has text. */
function textOf(value: unknown, names: readonly string[], depth = 0): string {
  if (typeof value === 'string') return value;
  if (depth > 4) return '';
  if (Array.isArray(value)) return value.map((item) => textOf(item, names, depth + 1)).join('');
  if (!isRecord(value)) return '';
  for (const name of names) {
    const text = textOf(own(value, name), [...names, 'value'], depth + 1);
    if (text !== '') return text;
  }
  return '';
}
