import { renderToStaticMarkup } from 'react-dom/server';
import type { Message } from '../../shared/messages.ts';
import { MessageBody } from './message-body.tsx';

/** A finished message as HTML, the same as the page shows, for pages without scripts. */
export const renderMessageToHtml = (message: Pick<Message, 'parts'>): string =>
  renderToStaticMarkup(<MessageBody parts={message.parts} streaming={false} />);
