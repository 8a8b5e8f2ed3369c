import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { chatListQuerySchema, type ChatSummary } from '../../shared/chat/chat.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { useChatActions } from '~/layout/chats/chat-actions.tsx';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { managePath } from '~/layout/dialogs/use-manage-form.ts';
import { listChats } from '~/sidecar-client/sidecar.server.ts';
import { useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const { searchParams } = new URL(args.request.url);
    const before = chatListQuerySchema.shape.before.safeParse(searchParams.get('before') ?? undefined).data;
    const { chats, next } = await listChats(user, { list: 'archived', ...(before ? { before } : {}) });
    return { chats, next, title: wordsFor(args.request).settings.archived };
  });
}

export default function ArchivePage() {
  const { settings, shell } = useWords();
  const { chats, next } = useLoaderData<typeof loader>();
  const { gone } = useChatActions();
  const shown = chats.filter(({ chatId }) => !gone.has(chatId));
  return (
    <Page>
      <div className="column grid gap-5 pb-10">
        <h1 className="text-2xl font-semibold tracking-tight">{settings.archived}</h1>
        {shown.length === 0 ? (
          <p className="text-muted">{settings.noArchived}</p>
        ) : (
          <ul className="grid gap-1">
            {shown.map((chat) => (
              <ArchivedChat key={chat.chatId} chat={chat} />
            ))}
          </ul>
        )}
        {next !== null && (
          <p>
            <Link className="button" to={`?before=${encodeURIComponent(next)}`}>
              {shell.older}
            </Link>
          </p>
        )}
      </div>
    </Page>
  );
}

/** Without JavaScript, the form is sent to the page that manages the chat. */
function ArchivedChat({ chat }: { chat: ChatSummary }) {
  const { menu, language } = useWords();
  const actions = useChatActions();
  const { chatId, title, updatedAt } = chat;
  const label = (what: string) => `${what}: ${title}`;
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(updatedAt));
  return (
    <li className="card flex flex-wrap items-center gap-2">
      <Link className="link min-w-0 basis-full truncate sm:flex-1 sm:basis-0" to={`/chat/${chatId}`} dir="auto">
        {title}
      </Link>
      <time className="text-muted flex-1 text-sm sm:flex-none" dateTime={updatedAt}>
        {date}
      </time>
      <form
        method="post"
        action={managePath(chatId)}
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const { submitter } = event.nativeEvent as SubmitEvent;
          if ((submitter as HTMLButtonElement | null)?.value === 'delete') actions.remove(chat);
          else actions.change(chat, { archived: false });
        }}
      >
        <input type="hidden" name="returnTo" value="/archive" />
        <button className="button" name="intent" value="unarchive" aria-label={label(menu.unarchive)}>
          {menu.unarchive}
        </button>
        <button className="button danger" name="intent" value="delete" aria-label={label(menu.delete)}>
          {menu.delete}
        </button>
      </form>
    </li>
  );
}
