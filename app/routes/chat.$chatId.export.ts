import type { LoaderFunctionArgs } from '@remix-run/node';
import { chatAsJson, chatAsMarkdown, exportFileName } from '~/chat/export-chat.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { getChat } from '~/sidecar-client/sidecar.server.ts';

/** `GET /chat/:chatId/export?format=md|json`: the chat as a file. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const chat = await getChat(user, args.params.chatId ?? '');
    const format = new URL(args.request.url).searchParams.get('format') === 'json' ? 'json' : 'md';
    return new Response(format === 'json' ? chatAsJson(chat) : chatAsMarkdown(chat), {
      headers: {
        'Content-Type': format === 'json' ? 'application/json' : 'text/markdown; charset=utf-8',
        'Content-Disposition': `attachment; filename="${exportFileName(chat.title, format)}"`,
        'Cache-Control': 'no-store',
      },
    });
  });
}
