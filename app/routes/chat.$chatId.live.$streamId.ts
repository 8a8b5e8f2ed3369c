import type { LoaderFunctionArgs } from '@remix-run/node';
import { RejoinError } from '../../shared/errors.ts';
import type { Message } from '../../shared/chat/messages.ts';
import { requireUser } from '~/auth/auth.server.ts';
import { renderMessageToHtml } from '~/no-script/render-message.server.tsx';
import { config } from '~/process/config.server.ts';
import { clientSignal } from '~/process/exchange.server.ts';
import { followStream } from '~/sidecar-client/follow-stream.server.ts';
import { liveFrame, liveFrameError } from '~/no-script/live-frame.server.ts';
import { getQueue, openEvents, patchChat, streamState } from '~/sidecar-client/sidecar.server.ts';
import stylesheetUrl from '~/styles/app.css?url';
import { themeOf } from '~/http/theme.server.ts';
import { wordsFor } from '~/words/words.server.ts';

/** `GET /chat/:chatId/live/:streamId`: the answer while it is being written, for the iframe of a chat page without JavaScript. */
export async function loader(args: LoaderFunctionArgs): Promise<Response> {
  const { chatId = '', streamId = '' } = args.params;
  const words = wordsFor(args.request);
  const page = { stylesheetUrl, theme: themeOf(args.request), words };
  const signal = clientSignal();
  try {
    const user = await requireUser(args);
    const state = await streamState(user, streamId);
    if (state.chatId !== chatId) throw new RejoinError('not_found');
    const chunks = followStream({ open: (options) => openEvents(user, streamId, options), signal });
    // If the chat cannot be marked as read, the answer is shown anyway.
    const onEnd = () => patchChat(user, chatId, { read: true }).catch(() => undefined);
    const isQueueHeld = () =>
      getQueue(user, chatId).then(
        ({ paused, turns }) => paused && turns.length > 0,
        () => false,
      );
    const render = (message: Message) => renderMessageToHtml(message, words);
    return liveFrame({ state, chunks, render, onEnd, isQueueHeld, page, maxMs: config().readerMaxMs });
  } catch (error) {
    if (error instanceof Response) throw error;
    return liveFrameError(error, chatId, page);
  }
}
