import type { Chunk } from '../../../shared/stream/fold.ts';

/**
 * Makes sure that the deltas of an answer contain only whole code points. A provider that counts UTF-16 units may cut
 * an emoji in two, and half an emoji can neither be shown nor sent to a model. The first half waits for the next delta of
 * the same message part. A half without its other half becomes U+FFFD.
 */
export function createCodePointJoiner(): (chunk: Chunk) => Chunk[] {
  const halves = new Map<string, string>();
  return (chunk) => {
    if (halves.size === 0 && isWhole(chunk)) return [chunk];
    const [kind, event] = String(chunk.type).split('-');
    if (kind !== 'text' && kind !== 'reasoning') return [chunk];
    const part = `${kind} ${String(chunk.id)}`;
    const half = halves.get(part) ?? '';
    if (event !== 'delta') halves.delete(part);
    if (event === 'end' && half !== '') return [{ type: `${kind}-delta`, id: chunk.id, delta: '\ufffd' }, chunk];
    if (event !== 'delta') return [chunk];
    const text = half + String(chunk.delta);
    const end = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length;
    if (end === text.length) halves.delete(part);
    else halves.set(part, text.slice(end));
    if (end === 0) return [];
    const whole = text.slice(0, end).toWellFormed();
    return [whole === chunk.delta ? chunk : { ...chunk, delta: whole }];
  };
}

/** True for a non-empty delta of text or reasoning that contains no half of a code point. This is true for almost every chunk. */
const isWhole = ({ type, delta }: Chunk): boolean =>
  (type === 'text-delta' || type === 'reasoning-delta') &&
  typeof delta === 'string' &&
  delta !== '' &&
  delta.isWellFormed();

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
