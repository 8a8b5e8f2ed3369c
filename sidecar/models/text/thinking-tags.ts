/** The tags of chat templates around thoughts and answers, and functions that find them in a text. */

/** Opening and closing tags, in lower case. */
export const TAGS: readonly [open: string, close: string][] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<thoughts>', '</thoughts>'],
  ['<reasoning>', '</reasoning>'],
  ['<seed:think>', '</seed:think>'],
  ['<mm:think>', '</mm:think>'],
  ['<longcat_think>', '</longcat_think>'],
  ['<antthinking>', '</antthinking>'],
  ['[think]', '[/think]'],
  ['◁think▷', '◁/think▷'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  ['<|start_thinking|>', '<|end_thinking|>'],
  ['<|channel|>analysis<|message|>', '<|end|>'],
  ['<|start|>assistant<|channel|>analysis<|message|>', '<|end|>'],
  ['analysis<|message|>', '<|end|>'],
  ['<|channel>thought', '<channel|>'],
  ['<unused94>thought', '<unused95>'],
];
export const OPENINGS = TAGS.map(([open]) => open);
/**
 * Closing tags that count even if a server has dropped the opening tag. `<|end|>` is not one of them, because it may also mark the
 * end of the answer.
 */
export const CLOSINGS = TAGS.map(([, close]) => close).filter((close) => close !== '<|end|>');
/** Headings of a chat template that a server may leave in front of the text. */
const HEADINGS = [
  '<|channel|>final<|message|>',
  '<|channel|>commentary<|message|>',
  '<|start|>assistant<|channel|>final<|message|>',
  '<|start|>assistant<|channel|>commentary<|message|>',
  'assistant<|channel|>final<|message|>',
  'final<|message|>',
];
/** Marks around the answer itself. */
const ANSWER_MARKS: readonly [open: string, close: string][] = [
  ['<|start_response|>', '<|end_response|>'],
  ['<|start_text|>', '<|end_text|>'],
  ['<|begin_of_solution|>', '<|end_of_solution|>'],
  ['[begin final response]', '[end final response]'],
];
/** Marks around the answer that count only after a thought in the text. Elsewhere, a person may have asked for such a tag. */
const MARKS_AFTER_THOUGHT: readonly [open: string, close: string][] = [
  ['<answer>', '</answer>'],
  ['<response>', '</response>'],
  ['<output>', '</output>'],
];
/** The marks that may stand around an answer. */
export const answerMarks = (isAfterThought: boolean): readonly [open: string, close: string][] =>
  isAfterThought ? [...ANSWER_MARKS, ...MARKS_AFTER_THOUGHT] : ANSWER_MARKS;
/** Tags and headings that are dropped at the beginning of a text. */
export const STRAY = [...CLOSINGS, ...HEADINGS];
/** Tokens that mark the end of an answer in chat templates. Some servers leave them in the text. */
export const END_TOKENS = [
  '<|im_end|>',
  '<|eot_id|>',
  '<|end|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<end_of_turn>',
  '<|return|>',
  '<|eom_id|>',
  '<|eot|>',
  '<｜end▁of▁sentence｜>',
  '<turn|>',
  '<eos>',
  '</s>',
  '[/inst]',
];

/** Openings of {@link END_TOKENS} that a person may have asked for: the HTML element `s`, and a template of Llama 2. */
export const TOKEN_OPENINGS: readonly [opening: string, token: string][] = [
  ['<s>', '</s>'],
  ['[inst]', '[/inst]'],
];

/** True if another element follows a mark such as `<answer>`, so that the mark is XML that a person asked for. */
export const isXml = (rest: string): boolean =>
  /^<[a-z]/i.test(rest) && !OPENINGS.some((tag) => rest.toLowerCase().startsWith(tag));

/** The marks of {@link MARKS_AFTER_THOUGHT} are also names of XML elements. */
export const mayBeXml = (mark: string): boolean => MARKS_AFTER_THOUGHT.some(([open]) => open === mark);

/**
 * False if `tag` ends with a word, such as `<|channel>thought`, and the text after it continues the word, as in
 * `<|channel>thoughtful`, or has not come yet.
 */
export const isComplete = (text: string, tag: string): boolean =>
  /[>\]▷]$/.test(tag) || /^[^a-z]/.test(text.slice(tag.length));

const NAMES = TAGS.flatMap(([open]) => /^<([\w:]+)>$/.exec(open)?.[1] ?? []).join('|');
/** `<think >` and `<think type="deep">`, but not `<think tanks>`. */
export const WITH_ATTRIBUTES = new RegExp(`^<(${NAMES})(?:\\s{1,8}[\\w:-]{1,40}\\s?=[^<>]{0,300}|\\s{1,8})>`, 'i');
export const UNFINISHED_ATTRIBUTES = new RegExp(
  `^<(${NAMES})\\s{1,8}(?:[\\w:-]{0,40}\\s?|[\\w:-]{1,40}\\s?=[^<>]{0,300})$`,
  'i',
);

/**
 * The first closing tag, even with spaces before its last character (`</think >`). A tag in quotes is only mentioned and does
 * not count. At the end of the text, a tag after an opening quote does not count yet, because the closing quote may still come.
 */
export function closingIn(text: string, close: string): { at: number; length: number } | null {
  const lower = text.toLowerCase();
  const stem = close.slice(0, -1);
  for (let at = lower.indexOf(stem); at !== -1; at = lower.indexOf(stem, at + 1)) {
    const rest = lower.slice(at + stem.length, at + stem.length + MAX_SPACES + 1);
    const spaces = rest.length - rest.trimStart().length;
    if (rest[spaces] !== close.at(-1)) continue;
    const end = at + stem.length + spaces + 1;
    const quote = text[at - 1] ?? '';
    if ('`"\''.includes(quote) && quote !== '' && (end === text.length || text[end] === quote)) continue;
    return { at, length: end - at };
  }
  return null;
}

const MAX_SPACES = 8;

export function firstOf(text: string, tags: readonly string[]): { at: number; tag: string } | null {
  if (!/[<[◁]/.test(text)) return null;
  const lower = text.toLowerCase();
  let first: { at: number; tag: string } | null = null;
  for (const tag of tags) {
    const at = lower.indexOf(tag);
    if (at !== -1 && (first === null || at < first.at)) first = { at, tag };
  }
  return first;
}

/** The length of the end of `text` that must be held back: one of `tags`, or the beginning of a tag that may still be completed. */
export function keptBack(text: string, tags: readonly string[]): number {
  const from = Math.max(0, text.length - MAX_TAG_CHARS - MAX_SPACES);
  const tail = text.slice(from).toLowerCase();
  for (let at = 0; at < tail.length; at += 1) {
    if (!'<[◁'.includes(tail[at]!)) continue;
    const rest = tail.slice(at);
    if (tags.some((tag) => tag.startsWith(rest) || `${rest.trimEnd()}>` === tag)) return rest.length;
  }
  return 0;
}

/**
 * The text without the tokens at its end, and without the white space after each of them.
 *
 * @param close if the answer began with an opening mark: the closing mark, otherwise `null`. White space before `close` is removed, too
 * @param opened tokens whose opening the text contains, so that they are part of the text
 */
export function withoutEndTokens(text: string, close: string | null, opened: ReadonlySet<string>): string {
  const tokens = close === null ? END_TOKENS : [close, ...END_TOKENS];
  for (;;) {
    const bare = text.trimEnd();
    // All tokens end with one of these characters.
    if (!bare.endsWith('>') && !bare.endsWith(']')) return text;
    const end = bare.slice(-MAX_TAG_CHARS).toLowerCase();
    const token = tokens.find((known) => end.endsWith(known));
    if (token === undefined || opened.has(token)) return text;
    text = bare.slice(0, bare.length - token.length);
    if (token === close) text = text.trimEnd();
  }
}

const MAX_TAG_CHARS = Math.max(...[...TAGS, ...ANSWER_MARKS].flat().map((tag) => tag.length));

/**
 * True if a closing tag after `before` ends a thought. False if the tag is part of the text: in code, in quotes, or after an
 * opening tag that the text mentions.
 */
export const isBareClosing = (before: string): boolean =>
  (before.match(/`/g)?.length ?? 0) % 2 === 0 && !/["'“«(]$/.test(before) && firstOf(before, OPENINGS) === null;
