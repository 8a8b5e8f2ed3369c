import type { View } from './view.ts';

const UNSAFE = /[&<>"']/;

export const escapeHtml = (text: string): string =>
  UNSAFE.test(text)
    ? text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;')
    : text;

const VOID_TAGS = new Set(['br', 'hr', 'input']);

/** The HTML of a view. All its texts and attribute values are escaped. */
export function htmlOf(view: View): string {
  if (typeof view === 'string') return escapeHtml(view);
  const { tag, children } = view;
  const opening = openingTag(view.tag, view.attributes);
  if (VOID_TAGS.has(tag)) return opening;
  return `${opening}${htmlOfAll(children)}</${tag}>`;
}

export function htmlOfAll(views: readonly View[]): string {
  let html = '';
  for (const view of views) html += htmlOf(view);
  return html;
}

export function openingTag(tag: string, attributes: Readonly<Record<string, string>> | undefined): string {
  let html = `<${tag}`;
  if (attributes) {
    for (const name in attributes) html += ` ${name}="${escapeHtml(attributes[name]!)}"`;
  }
  return `${html}>`;
}
