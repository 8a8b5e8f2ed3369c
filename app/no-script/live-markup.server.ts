import type { Chunk } from '../../shared/fold.ts';
import { topDepthOf } from '~/markdown/block.tsx';
import { createMarkdownParser } from '~/markdown/parse-markdown.ts';
import { renderBlocksToHtml } from './render-message.server.tsx';

/**
 * An answer's chunks as HTML that can be written while it is written: the text as it comes, blocks of markdown rendered
 * as soon as they are finished, reasoning folded, tools named. Nothing that was written can be taken back, so what
 * became void is hidden by a style.
 */
export interface LiveMarkup {
  /** The markup to write for a chunk, often none. */
  take(chunk: Chunk): string;
  /** Ends what is open and hides everything so far: what follows stands in its place. */
  replace(): string;
}

/** `nonce`: the one that the page's style elements must carry. */
export function createLiveMarkup(nonce: string): LiveMarkup {
  let attempt = 0;
  let open: { id: string; close: string } | null = null;
  /** The first half of a character that came in two deltas. */
  let half = '';
  /** The text part that is open, and how many of its blocks stand there rendered. */
  let growing = growingText();
  /** The elements of plain text so far: the last one shows what is not rendered yet. */
  let plain = 0;

  const hide = (id: string): string => `<style nonce="${nonce}">#${id}{display:none}</style>`;
  const beginPlain = (): string => `<div class="live-text" id="plain-${++plain}" dir="auto">`;
  const close = (): string => {
    const markup = open ? escapeHtml(half) + open.close : '';
    open = null;
    half = '';
    return markup;
  };
  const begin = (): string => `<div class="answer" id="live-${++attempt}">`;
  const replace = (): string => (attempt === 0 ? '' : `${close()}</div>${hide(`live-${attempt}`)}`);
  const beginPart = (kind: 'text' | 'reasoning', id: string): string => {
    const [before, after] =
      kind === 'text'
        ? [beginPlain(), '</div>']
        : ['<details class="aside-part"><summary>Thinking…</summary><div class="live-text">', '</div></details>'];
    const markup = close() + before;
    open = { id, close: after };
    growing = growingText();
    return markup;
  };
  const add = (kind: 'text' | 'reasoning', id: string, delta: string): string => {
    const before = open?.id === `${kind} ${id}` ? '' : beginPart(kind, `${kind} ${id}`);
    const text = half + delta;
    half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
    const settled = kind === 'text' ? settle(delta) : '';
    return before + escapeHtml(half ? text.slice(0, -1) : text) + settled;
  };
  /** Finished blocks take the place of their text; what comes after them begins anew as text. */
  const settle = (delta: string): string => {
    growing.source += delta.replaceAll('\r', '');
    // Only the end of a line finishes a block.
    if (!delta.includes('\n')) return '';
    const blocks = growing.parser.parse(growing.source, { streaming: true }).filter(({ unfinished }) => !unfinished);
    const fresh = blocks.slice(growing.rendered);
    if (fresh.length === 0) return '';
    growing.rendered = blocks.length;
    const rest = growing.source.slice(growing.parser.settledLength, half ? -1 : undefined);
    const rendered = renderBlocksToHtml(fresh, topDepthOf(blocks));
    return `</div>${hide(`plain-${plain}`)}${rendered}${beginPlain()}${escapeHtml(rest)}`;
  };

  function take(chunk: Chunk): string {
    const before = attempt === 0 && chunk.type !== 'start' ? begin() : '';
    switch (chunk.type) {
      case 'start':
        return replace() + begin();
      case 'text-delta':
        return before + add('text', String(chunk.id), String(chunk.delta));
      case 'reasoning-delta':
        return before + add('reasoning', String(chunk.id), String(chunk.delta));
      case 'text-end':
      case 'reasoning-end':
        return before + close();
      case 'tool-input-start':
        return `${before}${close()}<p>Uses ${escapeHtml(String(chunk.toolName))}…</p>`;
      default:
        return before;
    }
  }
  return { take, replace };
}

const growingText = () => ({ source: '', parser: createMarkdownParser(), rendered: 0 });

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
