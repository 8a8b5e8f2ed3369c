import { useState } from 'react';
import { Block } from './block.tsx';
import { createMarkdownParser } from './parse-markdown.ts';

/** Markdown that a model wrote, or is writing. Nothing in it is trusted: no HTML, no scripts, no remote images. */
export function Markdown({ source, streaming }: { source: string; streaming: boolean }) {
  const [parser] = useState(createMarkdownParser);
  return (
    <div className="answer">
      {parser.parse(source, { streaming }).map(({ token, unfinished }, index) => (
        <Block key={index} token={token} unfinished={unfinished} />
      ))}
    </div>
  );
}
