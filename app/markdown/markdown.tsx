import { useState } from 'react';
import { Block, TopDepthContext, topDepthOf } from './block.tsx';
import { createMarkdownParser } from './parse-markdown.ts';

/** Markdown that a model wrote, or is writing. Nothing in it is trusted: no HTML, no scripts, no remote images. */
export function Markdown({ source, streaming }: { source: string; streaming: boolean }) {
  const [parser] = useState(createMarkdownParser);
  const blocks = parser.parse(source, { streaming });
  return (
    <TopDepthContext.Provider value={topDepthOf(blocks)}>
      <div className="answer">
        {blocks.map(({ token, unfinished }, index) => (
          <Block key={index} token={token} unfinished={unfinished} />
        ))}
      </div>
    </TopDepthContext.Provider>
  );
}
