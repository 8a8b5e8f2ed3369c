import type { MarkedToken, Token } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { decodeEntities } from './decode-entities.ts';
import { safeUrl } from './safe-url.ts';

/** Runs of text within a block. Raw HTML is shown as the text that it is. */
export function Inline({ tokens }: { tokens: Token[] | undefined }): ReactNode {
  return tokens?.map((token, index) => <Fragment key={index}>{inline(token as MarkedToken)}</Fragment>);
}

function inline(token: MarkedToken): ReactNode {
  switch (token.type) {
    case 'text':
      return token.tokens ? <Inline tokens={token.tokens} /> : decodeEntities(token.text);
    case 'strong':
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case 'del':
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case 'codespan':
      return <code dir="ltr">{token.text}</code>;
    case 'br':
      return <br />;
    case 'escape':
      return token.text;
    case 'checkbox':
      return <input type="checkbox" checked={token.checked} disabled aria-label={token.checked ? 'Done' : 'To do'} />;
    case 'link':
      return <SafeLink href={token.href}>{token.autolink ? token.text : <Inline tokens={token.tokens} />}</SafeLink>;
    case 'image':
      // Loading it would tell its server who reads this, and when.
      return <SafeLink href={token.href}>{`Image: ${token.text || token.href}`}</SafeLink>;
    default:
      return token.raw;
  }
}

function SafeLink({ href, children }: { href: string; children: ReactNode }) {
  const url = safeUrl(decodeEntities(href));
  if (!url) return <span>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
