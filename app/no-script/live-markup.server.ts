import type { Chunk } from '../../shared/stream/fold.ts';
import { textOf } from '~/chat/thread/message/value-text.ts';
import { escapeHtml } from '~/markdown/html.ts';
import { fill, type Words } from '~/words/words.ts';
import { createGrowingHtml } from '~/markdown/live/growing-html.ts';
import '~/markdown/formulas/formulas.server.ts';

/**
 * Turns the chunks of an answer into HTML while the answer is being written. Text is shown as it arrives, and a block of
 * Markdown is rendered as soon as it is finished. Reasoning is in a collapsed `details` element, and tools are named. Markup that was
 * sent cannot be taken back, so style elements hide what is no longer valid.
 */
export interface LiveMarkup {
  /** The markup for a chunk, often empty. */
  take(chunk: Chunk): string;
  /** Closes the elements of the part that is being written. The caller writes what follows it. */
  end(): string;
  /** Closes and hides the answer so far. The caller writes what replaces it. */
  replace(): string;
}

/** `nonce`: the nonce that the page's style elements must carry. */
export function createLiveMarkup(nonce: string, words: Words): LiveMarkup {
  let attempt = 0;
  let open: { id: string; add: (text: string) => string; close: () => string } | null = null;
  /** The first half of a character that was split between two deltas. */
  let half = '';
  /** Number of elements that were written for unfinished blocks. */
  let unfinished = 0;

  const hide = (id: string): string => `<style nonce="${nonce}">#${id}{display:none}</style>`;
  const end = (): string => {
    const markup = open ? (half && open.add(half)) + open.close() : '';
    open = null;
    half = '';
    return markup;
  };
  const begin = (): string => `<div class="answer" data-live id="live-${++attempt}">`;
  const replace = (): string => (attempt === 0 ? '' : `${end()}</div>${hide(`live-${attempt}`)}`);
  const add = (kind: 'text' | 'reasoning', id: string, delta: string): string => {
    const before = open?.id === `${kind} ${id}` ? '' : beginPart(kind, `${kind} ${id}`);
    const text = half + delta;
    half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
    return before + open!.add(half ? text.slice(0, -1) : text);
  };
  const beginPart = (kind: 'text' | 'reasoning', id: string): string => {
    const before = end();
    if (kind === 'text') {
      const nextId = () => `plain-${++unfinished}`;
      const growing = createGrowingHtml({ labels: words.answer.labels, nextId, hide });
      open = { id, add: growing.append, close: growing.end };
      return before;
    }
    open = { id, add: escapeHtml, close: () => '</div></details>' };
    return `${before}<details class="aside-part"><summary>${escapeHtml(words.answer.thinking)}</summary><div class="live-text">`;
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
        return before + end();
      case 'tool-input-start':
        return `${before}${end()}<p>${escapeHtml(fill(words.answer.usesTool, { tool: textOf(chunk.toolName) }))}</p>`;
      default:
        return before;
    }
  }
  return { take, end, replace };
}

const idOf = ({ id }: Chunk): string => (typeof id === 'string' || typeof id === 'number' ? `${id}` : '');
