import type { Chunk } from '../../shared/stream/fold.ts';
import { textOf } from '~/chat/thread/message/value-text.ts';
import { escapeHtml } from '~/markdown/html.ts';
import { fill, type Words } from '~/words/words.ts';
import { createGrowingHtml } from '~/markdown/live/growing-html.ts';
import '~/markdown/formulas/formulas.server.ts';

/**
 * Turns the chunks of an answer into HTML while the answer is being written. Text is shown as it arrives, and a block of
 * Markdown is rendered as soon as it is finished. Reasoning is folded, and tools are named. Markup that was sent cannot be taken
 * back, so style elements hide what is no longer valid.
 */
export interface LiveMarkup {
  /** The markup for a chunk, often empty. */
  take(chunk: Chunk): string;
  /** Closes and hides the answer so far. The caller writes what replaces it. */
  replace(): string;
}

/** `nonce`: the nonce that the page's style elements must carry. */
export function createLiveMarkup(nonce: string, words: Words): LiveMarkup {
  let attempt = 0;
  let open: { id: string; close: string } | null = null;
  /** The first half of a character that was split between two deltas. */
  let half = '';
  /** Renders the blocks of the open text part as soon as they are finished. */
  let growing = createGrowingHtml(words.answer.labels);
  /** Number of elements with plain text so far. The last one has the text that is not rendered yet. */
  let plain = 0;

  const hide = (id: string): string => `<style nonce="${nonce}">#${id}{display:none}</style>`;
  const beginPlain = (): string => `<div class="live-text" id="plain-${++plain}" dir="auto">`;
  const close = (): string => {
    const markup = open ? escapeHtml(half) + open.close : '';
    open = null;
    half = '';
    return markup;
  };
  const begin = (): string => `<div class="answer" data-live id="live-${++attempt}">`;
  const replace = (): string => (attempt === 0 ? '' : `${close()}</div>${hide(`live-${attempt}`)}`);
  const beginPart = (kind: 'text' | 'reasoning', id: string): string => {
    const [before, after] =
      kind === 'text'
        ? [beginPlain(), '</div>']
        : [
            `<details class="aside-part"><summary>${escapeHtml(words.answer.thinking)}</summary><div class="live-text">`,
            '</div></details>',
          ];
    const markup = close() + before;
    open = { id, close: after };
    growing = createGrowingHtml(words.answer.labels);
    return markup;
  };
  const add = (kind: 'text' | 'reasoning', id: string, delta: string): string => {
    const before = open?.id === `${kind} ${id}` ? '' : beginPart(kind, `${kind} ${id}`);
    const text = half + delta;
    half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
    const settled = kind === 'text' ? settle(delta) : '';
    return before + escapeHtml(half ? text.slice(0, -1) : text) + settled;
  };
  /** Hides the plain text of finished blocks, shows the rendered blocks, and begins a new element with the plain text after them. */
  const settle = (delta: string): string => {
    const rendered = growing.append(delta);
    if (rendered === '') return '';
    const rest = half ? growing.rest().slice(0, -1) : growing.rest();
    return `</div>${hide(`plain-${plain}`)}${rendered}${beginPlain()}${escapeHtml(rest)}`;
  };

  function take(chunk: Chunk): string {
    const before = attempt === 0 && chunk.type !== 'start' ? begin() : '';
    switch (chunk.type) {
      case 'start':
        return replace() + begin();
      case 'text-delta':
        return before + add('text', idOf(chunk), textOf(chunk.delta));
      case 'reasoning-delta':
        return before + add('reasoning', idOf(chunk), textOf(chunk.delta));
      case 'text-end':
      case 'reasoning-end':
        return before + close();
      case 'tool-input-start':
        return `${before}${close()}<p>${escapeHtml(fill(words.answer.usesTool, { tool: textOf(chunk.toolName) }))}</p>`;
      default:
        return before;
    }
  }
  return { take, replace };
}

const idOf = ({ id }: Chunk): string => (typeof id === 'string' || typeof id === 'number' ? `${id}` : '');
