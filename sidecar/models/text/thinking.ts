import type { Chunk } from '../../../shared/stream/fold.ts';
import {
  answerMarks,
  CLOSINGS,
  closingIn,
  END_TOKENS,
  firstOf,
  isBareClosing,
  isComplete,
  isXml,
  keptBack,
  mayBeXml,
  OPENINGS,
  STRAY,
  TAGS,
  TOKEN_OPENINGS,
  UNFINISHED_ATTRIBUTES,
  WITH_ATTRIBUTES,
  withoutEndTokens,
} from './thinking-tags.ts';
import { createThoughtField } from './thought-field.ts';

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

/** A closing tag without an opening one does not count if more text than this came before it. */
const MAX_WATCHED_CHARS = 256 * 1024;

/** An opening may be split between deltas. */
const TAIL_CHARS = 8;

/** After this many thoughts in one part, tags count as text, because a model in a loop writes tags without end. */
const MAX_THOUGHTS = 100;

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
  /** The mark at the end of the answer, if its beginning had the mark that belongs to it. */
  let answerEnd: string | null = null;
  let blocks = 0;
  /** End tokens whose opening is in the text, and the end of the text so far. */
  const opened = new Set<string>();
  let tail = '';
  let textId: string | null = null;
  let reasoningId: string | null = null;
  /** The text so far, which becomes a thought if a closing tag follows; `null` if a closing tag no longer counts. */
  let watched: string | null = hasThoughts() ? null : '';

  /** Looks for openings in new text. */
  const watchOpenings = (text: string): void => {
    const lower = (tail + text).toLowerCase();
    for (const [opening, token] of TOKEN_OPENINGS) if (lower.includes(opening)) opened.add(token);
    tail = lower.slice(-TAIL_CHARS);
  };

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
    const marks = answerMarks(blocks > 0);
    const dropped = [...STRAY, ...marks.map(([mark]) => mark)];
    const strayIn = (lower: string) => dropped.find((tag) => lower.startsWith(tag));
    for (let stray = strayIn(beginning()); stray !== undefined; stray = strayIn(beginning())) {
      if (mayBeXml(stray)) {
        const rest = text.slice(stray.length).trimStart();
        if (rest === '' || rest === '<') return [];
        if (isXml(rest)) break;
      }
      isAfterThought = true;
      answerEnd = marks.find(([mark]) => mark === stray)?.[1] ?? answerEnd;
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
    const isXmlMark = mayBeXml(lower.slice(0, lower.indexOf('>') + 1));
    if (text === '' || (!isXmlMark && [...OPENINGS, ...dropped].some((tag) => tag.startsWith(lower)))) return [];
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
    const tokens = answerEnd === null ? END_TOKENS : [...END_TOKENS, answerEnd];
    const kept = keptBack(held, watched === null ? tokens : [...tokens, ...CLOSINGS]);
    let ready = withoutEndTokens(held.slice(0, held.length - kept), answerEnd, opened);
    if (answerEnd !== null) ready = ready.trimEnd();
    held = held.slice(ready.length);
    return say(delta, ready);
  }

  return {
    take(delta) {
      held += String(delta.delta);
      watchOpenings(String(delta.delta));
      const chunks = advance(delta);
      // A delta without text may carry metadata that belongs to the text, such as a signature. Such a delta is passed on, except
      // in a thought.
      if (chunks.length > 0 || delta.providerMetadata === undefined) return chunks;
      return mode === 'thinking' ? [] : say({ ...delta }, '');
    },
    end(end) {
      const delta: Chunk = { type: 'text-delta', id: startId };
      let rest: Chunk[] = [];
      if (mode === 'thinking') {
        const isQuoted = held.toLowerCase().endsWith(close);
        rest = [...think((isQuoted ? held.slice(0, -close.length) : held).trimEnd()), ...endThought()];
      } else {
        const last = withoutEndTokens(held, answerEnd, opened);
        if (last.trim() !== '' || (textId !== null && last === held)) rest = say(delta, last);
      }
      held = '';
      return textId === null ? rest : [...rest, { ...end, id: textId }];
    },
  };
}
