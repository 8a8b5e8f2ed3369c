import type { ShownMessage, SharedMessage, SharedPage } from '../../shared/chat/shares.ts';
import { messageText } from '../../shared/chat/message-text.ts';
import { SECRET_FORM_REFERRER } from '~/http/edge/secret-address.server.ts';
import { escapeHtml } from '~/markdown/html.ts';
import { fill, type Words } from '~/words/words.ts';
import { authorOf, endingOf } from './shared-text.ts';

export interface PageLook {
  stylesheetUrl: string;
  /** The nonce that style elements must carry. */
  nonce: string;
  words: Words;
  /** Renders an answer as safe HTML. */
  render(message: Pick<SharedMessage, 'parts'>): string;
}

/** There is no script on this page, so controls that need one are never shown. */
const STYLE = `
.needs-script, .copy-code { display: none !important; }
div.live-text { white-space: pre-wrap; overflow-wrap: anywhere; }
.answer > :is(style, .live-text):first-child + *, .answer > style:first-child + .live-text + * { margin-block-start: 0; }
.shared { padding-block: 1.5rem 3rem; }
.shared > ol, .aside-part > ol { list-style: none; margin: 0; padding: 0; }
.shared .turn { list-style: none; }
.shared .turn h2 { font-size: 0.8rem; font-weight: 500; color: var(--muted); margin-block-end: 0.25rem; }
.shared .question h2 { text-align: end; }
.shared .bubble { white-space: pre-wrap; }
.shared footer, .shared header { display: grid; gap: 0.5rem; }
.shared header { margin-block-end: 1rem; }
.shared footer { margin-block-start: 2rem; padding-block-start: 1rem; border-block-start: 1px solid var(--line); }
.shared .row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem 1rem; }
@media print {
  :root { color-scheme: light; }
  body { background: #fff; color: #000; }
  .shared { padding: 0; max-width: none; }
  .shared .turn { break-inside: auto; }
  .shared h1, .shared .turn h2 { break-after: avoid; }
  .shared pre { white-space: pre-wrap; break-inside: avoid; }
  .shared .bubble { border: 1px solid #999; }
  .no-print { display: none !important; }
  details:not([open]) { display: none; }
  .answer a[href^="http"]::after { content: " (" attr(href) ")"; font-size: 0.8em; }
}
`;

export const style = (nonce: string, css: string): string => `<style nonce="${nonce}">${css}</style>`;
export const hide = (nonce: string, ...ids: string[]): string =>
  style(nonce, `${ids.map((id) => `#${id}`).join(',')}{display:none}`);

/** `title`: the title of the document and of link previews. */
export function documentHead({ stylesheetUrl, nonce, words }: Omit<PageLook, 'render'>, title: string): string {
  const shown = escapeHtml(title);
  return `<!doctype html>
<html lang="${words.language}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, noarchive">
<meta name="referrer" content="${SECRET_FORM_REFERRER}">
<title>${shown}</title>
<meta property="og:title" content="${shown}">
<meta property="og:type" content="article">
<meta property="og:site_name" content="Rejoin">
<link rel="stylesheet" href="${escapeHtml(stylesheetUrl)}">
<link rel="icon" href="/favicon.ico" sizes="32x32">
${style(nonce, STYLE)}
</head>
<body>
<main class="column shared">
`;
}
export const DOCUMENT_END = '</main></body></html>\n';

/** The title in the tab and in link previews. It contains the title of the chat only if the owner wants that. */
export const titleOf = ({ showTitleInPreview, title }: SharedPage, { shared }: Words): string =>
  `${showTitleInPreview ? title : shared.pageTitle} · Rejoin`;

export function pageHead(page: SharedPage, look: PageLook): string {
  const { words } = look;
  const { shared } = words;
  const when = escapeHtml(dateOf(page.updatedAt, words));
  const about =
    page.mode === 'live'
      ? escapeHtml(shared.liveNote)
      : fill(escapeHtml(shared.snapshotNote), {
          when: `<time datetime="${escapeHtml(page.updatedAt)}">${when}</time>`,
        });
  const instructions = page.instructionsText
    ? `<details class="aside-part"><summary>${escapeHtml(shared.instructions)}</summary><div class="live-text" dir="auto">${escapeHtml(page.instructionsText)}</div></details>`
    : '';
  const cut = page.isCut ? `<p class="notice">${escapeHtml(shared.cut)}</p>` : '';
  return `<header><h1 class="text-2xl font-semibold tracking-tight" dir="auto">${escapeHtml(page.title)}</h1><p class="text-muted text-sm">${about}</p>${instructions}${cut}</header>\n<ol>\n`;
}

const dateOf = (iso: string, { language }: Words): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(iso));

export function messageMarkup(message: ShownMessage, number: number, look: PageLook): string {
  return `${turnOpening(message, number, look.words)}${bodyOf(message, look)}${versionsOf(message, look)}</li>\n`;
}

/** The start tag and the heading of a message. */
export function turnOpening(message: SharedMessage, number: number, words: Words): string {
  const kind = message.role === 'user' ? 'turn question' : 'turn';
  return `<li class="${kind}" id="m${number}"><h2 dir="auto">${escapeHtml(authorOf(message, words))}</h2>`;
}

function bodyOf(message: SharedMessage, { render, words }: PageLook): string {
  if (message.role === 'user') return `<div class="bubble" dir="auto">${escapeHtml(messageText(message))}</div>`;
  const ending = endingOf(message, words);
  const source = message.sentByClient
    ? `<p class="text-muted text-xs">${escapeHtml(words.answer.sentByClient)}</p>`
    : '';
  return `${source}${render(message)}${ending === null ? '' : note(ending)}`;
}

export const note = (text: string): string => `<p class="text-muted text-sm" role="status">${escapeHtml(text)}</p>`;

function versionsOf({ versions = [] }: ShownMessage, look: PageLook): string {
  if (versions.length === 0) return '';
  const { shared } = look.words;
  const items = versions.map((version) => `<li>${bodyOf(version, look)}</li>`).join('');
  return `<details class="aside-part"><summary>${escapeHtml(fill(shared.otherVersions, { count: versions.length }))}</summary><ol>${items}</ol></details>`;
}

/**
 * `tag`: identifies the state of the page that the reader sees. A copy is refused if the page has changed since. `fresh`: a random
 * value, so that a form that is sent twice makes one copy.
 */
export function pageFoot(
  page: SharedPage,
  { words, path, tag, fresh }: { words: Words; path: string; tag: string; fresh: string },
): string {
  const { shared } = words;
  const hidden = (name: string, value: string) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
  const copy = page.copy
    ? `<form method="post" action="${escapeHtml(path)}/copy">${hidden('tag', tag)}${hidden('fresh', fresh)}<button class="button">${escapeHtml(shared.copy)}</button></form>`
    : '';
  return `</ol>
<footer>
<p class="text-muted text-sm">${escapeHtml(shared.about)}</p>
<div class="row no-print">${copy}<a class="link" href="${escapeHtml(path)}.md">Markdown</a> <a class="link" href="${escapeHtml(path)}.json">JSON</a></div>
</footer>
`;
}
