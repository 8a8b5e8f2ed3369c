import { highlight } from '~/markdown/highlight.ts';
import { escapeHtml } from '~/markdown/html.ts';

/** A piece of code in the HTML that our own renderer writes. All text in it is escaped, so it contains no other element. */
const CODE = /<code data-language="([^"<>]{1,40})">(<span[^<>]*>)([^<>]*)<\/span><\/code>/g;

const ENTITIES = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&amp;', '&'],
]);

/** Colours the code in rendered markdown. On other pages the browser does that, but this one has no script. */
export const colourCode = (html: string): string =>
  html.replace(CODE, (all, language: string, opening: string, escaped: string) => {
    const code = escaped.replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES.get(entity)!);
    // Text that is not escaped exactly as our renderer does it is left as it is.
    if (escapeHtml(code) !== escaped) return all;
    const coloured = highlight(code, language);
    return coloured === null ? all : `<code data-language="${language}">${opening}${coloured}</span></code>`;
  });
