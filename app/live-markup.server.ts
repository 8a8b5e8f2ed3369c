import type { Chunk } from '../shared/fold.ts';

/**
 * An answer's chunks as HTML that can be written while it is written: the text as it comes, reasoning folded, tools
 * named. Nothing that was written can be taken back, so what became void is hidden by a style.
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

  const close = (): string => {
    const markup = open ? escapeHtml(half) + open.close : '';
    open = null;
    half = '';
    return markup;
  };
  const begin = (): string => `<div class="answer" id="live-${++attempt}">`;
  const replace = (): string =>
    attempt === 0 ? '' : `${close()}</div><style nonce="${nonce}">#live-${attempt}{display:none}</style>`;
  const beginPart = (kind: 'text' | 'reasoning', id: string): string => {
    const [before, after] =
      kind === 'text'
        ? ['<div class="live-text" dir="auto">', '</div>']
        : ['<details class="aside-part"><summary>Thinking…</summary><div class="live-text">', '</div></details>'];
    const markup = close() + before;
    open = { id, close: after };
    return markup;
  };
  const add = (kind: 'text' | 'reasoning', id: string, delta: string): string => {
    const before = open?.id === `${kind} ${id}` ? '' : beginPart(kind, `${kind} ${id}`);
    const text = half + delta;
    half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
    return before + escapeHtml(half ? text.slice(0, -1) : text);
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

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
