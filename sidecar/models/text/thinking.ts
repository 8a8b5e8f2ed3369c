import type { Chunk } from '../../../shared/stream/fold.ts';

/**
 * Some models write their thoughts into the text of the answer. This function turns such thoughts into reasoning parts:
 *
 *     <think>The person asks about honey.</think>Honey keeps.
 *     → reasoning "The person asks about honey.", text "Honey keeps."
 *
 * Tags may be split between deltas. An opening tag counts only at the beginning of a text or after another thought, so that an
 * answer about tags keeps them.
 *
 * Some servers drop the opening tag. The thoughts are then passed on as text until the closing tag arrives. At the closing tag, a
 * `text-was-thought` chunk tells the writer of the log to turn the text part into a reasoning part. The chunk itself is not
 * written to the log.
 *
 * This file is longer than others, because it has the tags of all chat templates, and all exceptions, in one place.
 */
export function createThoughtSplitter(): (chunk: Chunk) => Chunk[] {
  const parts = new Map<string, Part>();
  /** This step has thoughts in a field of their own, so a closing tag without an opening one does not count. */
  let hasThoughts = false;
  const fields = new Map<string, ReturnType<typeof createThoughtField>>();

  return (chunk) => {
    switch (chunk.type) {
      case 'start-step':
        hasThoughts = false;
        return [chunk];
      case 'reasoning-start':
        hasThoughts = true;
        fields.set(String(chunk.id), createThoughtField());
        return [chunk];
      case 'reasoning-delta':
        return fields.get(String(chunk.id))?.take(chunk) ?? [chunk];
      case 'reasoning-end': {
        const rest = fields.get(String(chunk.id))?.rest() ?? '';
        fields.delete(String(chunk.id));
        return rest === '' ? [chunk] : [{ type: 'reasoning-delta', id: chunk.id, delta: rest }, chunk];
      }
      case 'text-start':
        parts.set(
          String(chunk.id),
          createPart(chunk, () => hasThoughts),
        );
        return [];
      case 'text-delta':
        return parts.get(String(chunk.id))?.take(chunk) ?? [chunk];
      case 'text-end': {
        const part = parts.get(String(chunk.id));
        parts.delete(String(chunk.id));
        return part?.end(chunk) ?? [chunk];
      }
      default:
        return [chunk];
    }
  };
}

/** Opening and closing tags, in lower case. */
const TAGS: readonly [open: string, close: string][] = [
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
  ['<|channel>thought', '<channel|>'],
  ['<unused94>thought', '<unused95>'],
];
const OPENINGS = TAGS.map(([open]) => open);
/**
 * Closing tags that count even if a server has dropped the opening tag. `<|end|>` is not one of them, because it may also mark the
 * end of the answer.
 */
const CLOSINGS = TAGS.map(([, close]) => close).filter((close) => close !== '<|end|>');
/** Headings of a chat template that a server may leave in front of the text. */
const HEADINGS = [
  '<|channel|>final<|message|>',
  '<|channel|>commentary<|message|>',
  '<|start|>assistant<|channel|>final<|message|>',
  '<|start|>assistant<|channel|>commentary<|message|>',
];
/** Tags and headings that are dropped at the beginning of a text. */
const STRAY = [...CLOSINGS, ...HEADINGS];
/** Tokens that mark the end of an answer in chat templates. Some servers leave them in the text. */
const END_TOKENS = [
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

/** A closing tag without an opening one does not count if more text than this came before it. */
const MAX_WATCHED_CHARS = 256 * 1024;

/** After this many thoughts in one part, tags count as text, because a model in a loop writes tags without end. */
const MAX_THOUGHTS = 100;

/** Removes tags from thoughts that the server sends in a field of their own. Some servers leave the tags in this field. */
function createThoughtField() {
  let held = '';
  let hasBegun = false;
  return {
    take(chunk: Chunk): Chunk[] {
      held += String(chunk.delta);
      if (!hasBegun) {
        const text = held.trimStart();
        const lower = text.slice(0, 64).toLowerCase();
        const opening = OPENINGS.find((tag) => lower.startsWith(tag) && isComplete(text, tag));
        if (opening !== undefined) held = text.slice(opening.length).trimStart();
        hasBegun = opening !== undefined || !(text === '' || OPENINGS.some((tag) => tag.startsWith(lower)));
      }
      const bare = held.trimEnd();
      const tag = keptBack(bare, CLOSINGS);
      const kept = hasBegun ? (tag === 0 ? 0 : tag + held.length - bare.length) : held.length;
      const delta = held.slice(0, held.length - kept);
      held = held.slice(delta.length);
      return delta === '' && chunk.providerMetadata === undefined ? [] : [{ ...chunk, delta }];
    },
    /** The text that is still held back at the end, unless it is a closing tag. */
    rest: (): string => (CLOSINGS.includes(held.trim().toLowerCase()) ? '' : held),
  };
}

interface Part {
  take(delta: Chunk): Chunk[];
  end(end: Chunk): Chunk[];
}

/** @param hasThoughts whether this step has thoughts in a field of their own */
function createPart(start: Chunk, hasThoughts: () => boolean): Part {
  const startId = String(start.id);
  let mode: 'opening' | 'thinking' | 'text' = 'opening';
  let held = '';
  let open = '';
  let close = '';
  /** The thought contains another opening tag, so it may have a second closing tag. */
  let hasInner = false;
  /** A thought or a stray tag came before the text, so white space at the beginning of the text is dropped. */
  let isAfterThought = false;
  let blocks = 0;
  let textId: string | null = null;
  let reasoningId: string | null = null;
  /** The text so far, which becomes a thought if a closing tag follows; `null` if a closing tag no longer counts. */
  let watched: string | null = hasThoughts() ? null : '';

  const say = (delta: Chunk, text: string): Chunk[] => {
    if (text === '' && delta.providerMetadata === undefined) return [];
    if (watched !== null) watched = watched.length > MAX_WATCHED_CHARS ? null : watched + text;
    const begin: Chunk[] = [];
    if (textId === null) {
      textId = blocks === 0 ? startId : `${startId}-${blocks}`;
      begin.push({ ...start, id: textId });
    }
    return [...begin, { ...delta, id: textId, delta: text }];
  };

  const think = (text: string): Chunk[] => {
    const begin: Chunk[] = [];
    if (reasoningId === null) {
      text = text.trimStart();
      if (text === '') return [];
      reasoningId = `${startId}-thought-${blocks}`;
      begin.push({ type: 'reasoning-start', id: reasoningId });
    }
    return text === '' ? begin : [...begin, { type: 'reasoning-delta', id: reasoningId, delta: text }];
  };

  const endThought = (): Chunk[] => {
    const ended: Chunk[] = reasoningId === null ? [] : [{ type: 'reasoning-end', id: reasoningId }];
    reasoningId = null;
    blocks += 1;
    mode = blocks < MAX_THOUGHTS ? 'opening' : 'text';
    isAfterThought = true;
    watched = hasInner ? '' : null;
    return ended;
  };

  function begin(delta: Chunk): Chunk[] {
    let text = held.trimStart();
    const beginning = () => text.slice(0, 64).toLowerCase();
    for (let stray = strayIn(beginning()); stray !== undefined; stray = strayIn(beginning())) {
      isAfterThought = true;
      text = text.slice(stray.length).trimStart();
    }
    if (isAfterThought) held = text;
    const lower = beginning();
    const opening = OPENINGS.find((tag) => lower.startsWith(tag));
    const attributes = opening === undefined ? WITH_ATTRIBUTES.exec(text.slice(0, 400)) : null;
    const tag = attributes ? `<${attributes[1]!.toLowerCase()}>` : opening;
    if (tag !== undefined && isComplete(text, tag)) {
      mode = 'thinking';
      [open, close] = TAGS.find(([known]) => known === tag)!;
      hasInner = false;
      held = text.slice(attributes ? attributes[0].length : tag.length);
      return advance(delta);
    }
    if (text.length < 400 && UNFINISHED_ATTRIBUTES.test(text)) return [];
    if (text === '' || [...OPENINGS, ...STRAY].some((tag) => tag.startsWith(lower))) return [];
    mode = 'text';
    return advance(delta);
  }

  function advance(delta: Chunk): Chunk[] {
    switch (mode) {
      case 'opening':
        return begin(delta);
      case 'thinking': {
        // Some templates write the opening tag, and the model writes it again.
        if (reasoningId === null && held.trimStart().toLowerCase().startsWith(open))
          held = held.trimStart().slice(open.length);
        const found = closingIn(held, close);
        hasInner ||= held.slice(0, found?.at).toLowerCase().includes(open);
        if (found === null) {
          const tag = keptBack(held, [close, open]);
          // A quote in front of a closing tag decides whether the tag counts, so the quote is held back with the tag.
          const kept = tag + (/[`"']$/.test(held.slice(0, held.length - tag)) ? 1 : 0);
          // White space at the end is held back, because it is dropped if a tag follows.
          const ready = held.slice(0, held.length - kept).trimEnd();
          held = held.slice(ready.length);
          return think(ready);
        }
        const thought = think(held.slice(0, found.at).trimEnd());
        held = held.slice(found.at + found.length);
        return [...thought, ...endThought(), ...advance(delta)];
      }
      case 'text':
        return text(delta);
    }
  }

  function text(delta: Chunk): Chunk[] {
    const found = watched === null ? null : firstOf(held, CLOSINGS);
    if (found !== null && isBareClosing(watched! + held.slice(0, found.at))) {
      const before = held.slice(0, found.at).trimEnd();
      held = held.slice(found.at + found.tag.length);
      if (textId === null) return [...think(before), ...endThought(), ...advance(delta)];
      const rest = before === '' ? [] : say(delta, before);
      const relabelled: Chunk = { type: 'text-was-thought', id: textId };
      textId = null;
      return [...rest, relabelled, ...endThought(), ...advance(delta)];
    }
    const spaces = held.length - held.trimEnd().length;
    const isTokenBefore =
      spaces > 0 && END_TOKENS.some((token) => held.slice(-64).trimEnd().toLowerCase().endsWith(token));
    const kept = isTokenBefore
      ? spaces + keptBack(held.trimEnd(), END_TOKENS)
      : keptBack(held, watched === null ? END_TOKENS : [...END_TOKENS, ...CLOSINGS]);
    const ready = held.slice(0, held.length - kept);
    held = held.slice(ready.length);
    return say(delta, ready);
  }

  return {
    take(delta) {
      held += String(delta.delta);
      const chunks = advance(delta);
      // A delta without text may carry metadata that belongs to the text, such as a signature. Such a delta is passed on, except
      // in a thought.
      if (chunks.length > 0 || delta.providerMetadata === undefined) return chunks;
      return mode === 'thinking' ? [] : say({ ...delta }, '');
    },
    end(end) {
      const isToken = END_TOKENS.includes(held.trim().toLowerCase());
      const delta: Chunk = { type: 'text-delta', id: startId };
      let rest: Chunk[] = [];
      if (mode === 'thinking') {
        const isQuoted = held.toLowerCase().endsWith(close);
        rest = [...think((isQuoted ? held.slice(0, -close.length) : held).trimEnd()), ...endThought()];
      } else if (!isToken && (held.trim() !== '' || textId !== null)) rest = say(delta, held);
      held = '';
      return textId === null ? rest : [...rest, { ...end, id: textId }];
    },
  };
}

/**
 * An opening tag that ends with a word, such as `<|channel>thought`, counts only once more text has come. The tag does not count
 * if that text continues the word, as in `<|channel>thoughtful`.
 */
const isComplete = (text: string, tag: string): boolean =>
  /[>\]▷]$/.test(tag) || /^[^a-z]/.test(text.slice(tag.length));

const strayIn = (text: string): string | undefined => STRAY.find((tag) => text.startsWith(tag));

const NAMES = TAGS.flatMap(([open]) => /^<([\w:]+)>$/.exec(open)?.[1] ?? []).join('|');
/** `<think >` and `<think type="deep">`, but not `<think tanks>`. */
const WITH_ATTRIBUTES = new RegExp(`^<(${NAMES})(?:\\s{1,8}[\\w:-]{1,40}\\s?=[^<>]{0,300}|\\s{1,8})>`, 'i');
const UNFINISHED_ATTRIBUTES = new RegExp(
  `^<(${NAMES})\\s{1,8}(?:[\\w:-]{0,40}\\s?|[\\w:-]{1,40}\\s?=[^<>]{0,300})$`,
  'i',
);

/**
 * The first closing tag, even with spaces before its last character (`</think >`). A tag in quotes is only mentioned and does
 * not count. At the end of the text, a tag after an opening quote does not count yet, because the closing quote may still come.
 */
function closingIn(text: string, close: string): { at: number; length: number } | null {
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

function firstOf(text: string, tags: readonly string[]): { at: number; tag: string } | null {
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
function keptBack(text: string, tags: readonly string[]): number {
  const from = Math.max(0, text.length - MAX_TAG_CHARS - MAX_SPACES);
  const tail = text.slice(from).toLowerCase();
  for (let at = 0; at < tail.length; at += 1) {
    if (!'<[◁'.includes(tail[at]!)) continue;
    const rest = tail.slice(at);
    if (tags.some((tag) => tag.startsWith(rest) || `${rest.trimEnd()}>` === tag)) return rest.length;
  }
  return 0;
}

const MAX_TAG_CHARS = Math.max(...TAGS.flat().map((tag) => tag.length));

/**
 * True if a closing tag after `before` ends a thought. False if the tag is part of the text: in code, in quotes, or after an
 * opening tag that the text mentions.
 */
const isBareClosing = (before: string): boolean =>
  (before.match(/`/g)?.length ?? 0) % 2 === 0 && !/["'“«(]$/.test(before) && firstOf(before, OPENINGS) === null;
