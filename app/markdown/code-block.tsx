import { useEffect, useState } from 'react';
import { CopyButton } from '~/ui/copy-button.tsx';
import { languageLabel } from './language-label.ts';

/** Longer pieces stay plain: colouring them would hold up the page. */
const LONGEST_HIGHLIGHTED = 20_000;

/** Code with its language and a button to copy it; coloured once it is finished, which moves nothing. */
export function CodeBlock({ code, language, unfinished }: { code: string; language: string; unfinished: boolean }) {
  const name = language.split(/\s/, 1)[0] ?? '';
  const html = useHighlighted(code, name, unfinished);
  const label = languageLabel(name);
  return (
    <figure className="code" dir="ltr">
      <figcaption>
        <span>{label}</span>
        <CopyButton text={code} label="Copy code" />
      </figcaption>
      <pre tabIndex={0} aria-label={`Code, ${label}`}>
        {html === null ? (
          <code>{code}</code>
        ) : (
          // The highlighter escapes everything in the code itself and adds only spans with classes.
          <code dangerouslySetInnerHTML={{ __html: html }} />
        )}
      </pre>
    </figure>
  );
}

function useHighlighted(code: string, language: string, unfinished: boolean): string | null {
  const [highlighted, setHighlighted] = useState<{ code: string; html: string } | null>(null);
  useEffect(() => {
    if (unfinished || language === '' || code.length > LONGEST_HIGHLIGHTED) return;
    let wanted = true;
    const colour = async () => {
      const { highlight } = await import('./highlight.ts');
      const html = highlight(code, language);
      if (wanted && html !== null) setHighlighted({ code, html });
    };
    // Without the highlighter the code is plain, as it was before.
    colour().catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [code, language, unfinished]);
  return highlighted?.code === code ? highlighted.html : null;
}
