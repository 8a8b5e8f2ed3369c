import { renderToStaticMarkup } from 'react-dom/server';
import type { Message } from '../../shared/messages.ts';
import { messageText } from '../../shared/message-text.ts';
import { MessageBody } from '~/chat/thread/message-body.tsx';
import { WordsContext, type Words } from '~/words/words.ts';
import { plainHtml } from '~/markdown/render-html.ts';
import '~/markdown/formulas.server.ts';

/** A finished message as HTML, the same as the page shows, for pages without scripts. It never throws. */
export function renderMessageToHtml(message: Pick<Message, 'parts'>, words: Words): string {
  try {
    return renderToStaticMarkup(
      <WordsContext.Provider value={words}>
        <MessageBody parts={message.parts} streaming={false} />
      </WordsContext.Provider>,
    );
  } catch {
    // A fault of ours must not take the page with it.
    return plainHtml(messageText(message));
  }
}
