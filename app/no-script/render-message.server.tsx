import { renderToStaticMarkup } from 'react-dom/server';
import type { Message } from '../../shared/chat/messages.ts';
import { messageText } from '../../shared/chat/message-text.ts';
import { MessageBody } from '~/chat/thread/message/message-body.tsx';
import { WordsContext, type Words } from '~/words/words.ts';
import { plainHtml } from '~/markdown/render-html.ts';
import '~/markdown/formulas/formulas.server.ts';

/**
 * Renders a finished message for a page without JavaScript. The HTML is the same as on a page with JavaScript. This function never
 * throws.
 */
export function renderMessageToHtml(message: Pick<Message, 'parts'>, words: Words): string {
  try {
    return renderToStaticMarkup(
      <WordsContext.Provider value={words}>
        <MessageBody parts={message.parts} streaming={false} />
      </WordsContext.Provider>,
    );
  } catch {
    // A bug here must not break the page.
    return plainHtml(messageText(message));
  }
}
