import type { LoaderFunctionArgs } from '@remix-run/node';
import { chatAsJson, chatAsMarkdown, exportFileName } from '~/chat/export-chat.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { textStream } from '~/http/text-stream.server.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';
import { allMessages, wholeBranch } from '~/sidecar-client/read-pages.server.ts';
import { getChat } from '~/sidecar-client/sidecar.server.ts';
import type { Chat } from '../../shared/chat/chat.ts';
import { listRooms } from '~/rooms/rooms.server.ts';
import { wordsFor } from '~/words/words.server.ts';
import type { Words } from '~/words/words.ts';

/** `GET /chat/:chatId/export?format=md|json`: the chat as a file, written page by page. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const { chatId = '' } = args.params;
    const chat = await getChat(user, chatId, { limit: 1 });
    const words = wordsFor(args.request);
    const format = new URL(args.request.url).searchParams.get('format') === 'json' ? 'json' : 'md';
    const text =
      format === 'json'
        ? chatAsJson(chat, allMessages(user, chatId))
        : chatAsMarkdown(chat, wholeBranch(user, chatId), {
            words,
            room: chat.room,
            owner: await ownerOf(user, chat, words),
          });
    return new Response(textStream(text), {
      headers: {
        'Content-Type': format === 'json' ? 'application/json' : 'text/markdown; charset=utf-8',
        'Content-Disposition': `attachment; filename="${exportFileName(chat.title, format)}"`,
        'Cache-Control': 'no-store',
      },
    });
  });
}

/** The name of the room's owner, for a member's export. */
async function ownerOf(user: Caller, { room }: Chat, { people }: Words): Promise<string> {
  const rooms = room === null || room.role === 'owner' ? [] : await listRooms(user);
  return rooms.find(({ roomId }) => roomId === room?.roomId)?.owner ?? people.roles.owner;
}
