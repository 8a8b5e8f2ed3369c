import { highlight } from '~/markdown/highlight.ts';
import { escapeHtml } from '~/markdown/html.ts';

/** A code block in the HTML of our own renderer. Its text is escaped, so it contains no other elements. */
const CODE = /<code data-language="([^"<>]{1,40})">(<span[^<>]*>)([^<>]*)<\/span><\/code>/g;

const ENTITIES = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&amp;', '&'],
]);

/** Colours the code in rendered markdown. Other pages do this in the browser, but a public page has no script. */
export const colourCode = (html: string): string =>
  html.replace(CODE, (all, language: string, opening: string, escaped: string) => {
    const code = escaped.replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES.get(entity)!);
    // Text that our renderer would have escaped differently stays as it is.
    if (escapeHtml(code) !== escaped) return all;
    const coloured = highlight(code, language);
    return coloured === null ? all : `<code data-language="${language}">${opening}${coloured}</span></code>`;
  });
