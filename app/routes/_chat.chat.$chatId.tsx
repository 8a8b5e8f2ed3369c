import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import {
  isRouteErrorResponse,
  Link,
  useActionData,
  useLoaderData,
  useRouteError,
  useSearchParams,
} from '@remix-run/react';
import { idSchema } from '../../shared/ids.ts';
import { startFromForm } from '~/no-script/chat-forms.server.ts';
import { describeError } from '~/http/describe-error.ts';
import { keptText } from '~/http/kept-text.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { getChat, patchChat } from '~/sidecar-client/sidecar.server.ts';
import { ChatView } from '~/chat/chat-view.tsx';
import { MenuButton } from '~/layout/menu-button.tsx';
import { newId } from '~/ui/new-id.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.chat.title ?? 'Chat'} · Rejoin` }];

export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const leaf = idSchema.safeParse(new URL(args.request.url).searchParams.get('leaf'));
    const chat = await getChat(user, args.params.chatId ?? '', leaf.success ? { leaf: leaf.data } : {});
    // Opening the page marks the chat as read. If that fails, the page is shown anyway.
    if (!chat.stream) await patchChat(user, chat.chatId, { read: true }).catch(() => undefined);
    return { chat, fresh: newId(), kept: keptText(args.request, { person: user.userId }) };
  });
}

export function action(args: ActionFunctionArgs) {
  const chatId = args.params.chatId ?? '';
  return pageAction(args, async ({ user, form, done }) => {
    await startFromForm(user, chatId, form);
    return done(`/chat/${encodeURIComponent(chatId)}#latest`);
  });
}

export default function ChatPage() {
  const { chat, fresh, kept } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  const [search] = useSearchParams();
  return (
    <ChatView
      key={chat.chatId}
      chat={chat}
      chatId={chat.chatId}
      fresh={fresh}
      leafId={search.get('leaf')}
      problem={problem ?? null}
      kept={kept}
    />
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  const { title, detail } = describeError(error);
  const missing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <main id="main" className="main" tabIndex={-1}>
      <header className="flex items-center p-2 md:hidden">
        <MenuButton />
      </header>
      <div className="column grid flex-1 content-center gap-3 py-8">
        <h1 className="text-2xl font-semibold">{missing ? 'There is no such chat' : title}</h1>
        <p className="text-muted">{missing ? 'It was deleted, has expired, or belongs to somebody else.' : detail}</p>
        <p>
          <Link className="link" to="/">
            Begin a new chat
          </Link>
        </p>
      </div>
    </main>
  );
}
