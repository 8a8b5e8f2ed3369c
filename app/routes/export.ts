import type { LoaderFunctionArgs } from '@remix-run/node';
import { RejoinError } from '../../shared/errors.ts';
import { chatAsJson } from '~/chat/export-chat.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { textStream } from '~/http/text-stream.server.ts';
import { allChats, allMessages } from '~/sidecar-client/read-pages.server.ts';
import { getChat } from '~/sidecar-client/sidecar.server.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';

/** `GET /export`: all of the person's chats, except temporary ones, as one JSON array. Sent page by page. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(
    args,
    async (user) =>
      new Response(textStream(everything(user)), {
        headers: {
          'Content-Type': 'application/json',
          'Content-Disposition': 'attachment; filename="rejoin-chats.json"',
          'Cache-Control': 'no-store',
        },
      }),
  );
}

async function* everything(user: Caller): AsyncGenerator<string> {
  let before = '[';
  for await (const { chatId } of allChats(user)) {
    const head = await getChat(user, chatId, { limit: 1 }).catch(nullIfDeleted);
    if (head === null) continue;
    yield before;
    yield* chatAsJson(head, allMessages(user, chatId));
    before = ',';
  }
  yield before === '[' ? '[]\n' : ']\n';
}

/** A chat that was deleted in the meantime is left out. */
function nullIfDeleted(error: unknown): null {
  if (error instanceof RejoinError && error.code === 'not_found') return null;
  throw error;
}
