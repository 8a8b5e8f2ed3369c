import { renderToStaticMarkup } from 'react-dom/server';
import type { Message } from '../../shared/messages.ts';
import { Block, TopDepthContext } from '~/markdown/block.tsx';
import type { MarkdownBlock } from '~/markdown/parse-markdown.ts';
import { MessageBody } from '~/chat/thread/message-body.tsx';

/** Renders a finished message as HTML, as the page shows it, for pages without scripts. */
export const renderMessageToHtml = (message: Pick<Message, 'parts'>): string =>
  renderToStaticMarkup(<MessageBody parts={message.parts} streaming={false} />);

/** Renders finished blocks of an answer that is still being written. `topDepth`: the depth of its first heading. */
export const renderBlocksToHtml = (blocks: readonly MarkdownBlock[], topDepth: number): string =>
  renderToStaticMarkup(
    <TopDepthContext.Provider value={topDepth}>
      {blocks.map(({ token }, index) => (
        <Block key={index} token={token} unfinished={false} />
      ))}
    </TopDepthContext.Provider>,
  );
