import type { LoaderFunctionArgs } from '@remix-run/node';
import { chatAsJson } from '~/chat/export-chat.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { getChat, listChats } from '~/sidecar-client/sidecar.server.ts';

/** `GET /export`: all of the person's chats as one JSON array, sent chat by chat. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const chats = await listChats(user);
    const encoder = new TextEncoder();
    let next = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const chat = chats[next];
        if (!chat) {
          controller.enqueue(encoder.encode(next === 0 ? '[]\n' : ']\n'));
          return controller.close();
        }
        // A chat that was deleted in the meantime is left out, and the array stays valid.
        const text = await getChat(user, chat.chatId).then(chatAsJson, () => 'null\n');
        controller.enqueue(encoder.encode(`${next === 0 ? '[' : ','}${text}`));
        next += 1;
      },
    });
    return new Response(body, {
      headers: {
        'Content-Type': 'application/json',
        'Content-Disposition': 'attachment; filename="rejoin-chats.json"',
        'Cache-Control': 'no-store',
      },
    });
  });
}
