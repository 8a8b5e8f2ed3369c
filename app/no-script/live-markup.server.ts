import type { Chunk } from '../../shared/fold.ts';
import { topDepthOf } from '~/markdown/block.tsx';
import { createMarkdownParser } from '~/markdown/parse-markdown.ts';
import { renderBlocksToHtml } from './render-message.server.tsx';

/**
 * Turns an answer's chunks into HTML while it is being written: text as it arrives, blocks of markdown rendered as soon as
 * they are finished, reasoning folded, tools named. Markup that was sent cannot be taken back, so a style hides what became
 * void.
 */
export interface LiveMarkup {
  /** The markup for a chunk, often empty. */
  take(chunk: Chunk): string;
  /** Closes everything that is open and hides it. What follows replaces it. */
  replace(): string;
}

/** `nonce`: for the page's style elements. */
export function createLiveMarkup(nonce: string): LiveMarkup {
  let attempt = 0;
  let open: { id: string; close: string } | null = null;
  /** The first half of a character that was split between two deltas. */
  let half = '';
  /** The open text part, and the number of its blocks that are already rendered. */
  let growing = growingText();
  /** Number of plain-text elements so far. The last one shows the text that is not rendered yet. */
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
  /** Replaces the text of finished blocks by their rendering. What follows them begins a new text element. */
  const settle = (delta: string): string => {
    growing.source += delta.replaceAll('\r', '');
    // Only the end of a line can finish a block.
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
