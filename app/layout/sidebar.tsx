import { Form, Link, useLocation, useParams, useRouteLoaderData } from '@remix-run/react';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { ChatSummary } from '../../shared/chat.ts';
import { groupByDay } from './group-by-day.ts';
import { ChatDialog } from './chat-dialog.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useLayout } from './layout-data.tsx';
import { closesPopover, hidePopover, opensPopover, popover, SHORTCUTS_ID, SIDEBAR_ID } from './popover.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import { useRunningChats } from './use-running-chats.ts';

const ClerkUserButton = lazy(() => import('~/auth/clerk-user-button.tsx'));

/** The conversations: beside the page on large screens, a drawer on small ones. */
export function Sidebar() {
  const { chats: rendered, query: renderedQuery, now } = useLayout();
  const { chatId: openChatId } = useParams();
  const chats = useRunningChats(rendered, openChatId);
  const [query, setQuery] = useState(renderedQuery);
  const [managed, setManaged] = useState<ChatSummary | null>(null);
  const location = useLocation();
  const signIn = useRouteLoaderData<{ signIn: 'clerk' | 'guest' }>('root')?.signIn;
  useEffect(() => hidePopover(SIDEBAR_ID), [location.key]);

  const found = chats.filter(({ title }) => title.toLowerCase().includes(query.trim().toLowerCase()));
  return (
    <>
      <aside {...popover(SIDEBAR_ID)} className="sidebar" aria-label="Chats">
        <div className="flex items-center justify-between gap-2 p-3 pb-1">
          <Link to="/" className="rounded px-1 text-lg font-semibold tracking-tight">
            Rejoin
          </Link>
          <button
            type="button"
            className="icon-button md:hidden"
            aria-label="Close the list of chats"
            {...closesPopover(SIDEBAR_ID)}
          >
            <Icon name="close" />
          </button>
        </div>
        <div className="grid gap-2 p-3">
          <Link to="/" className="button" onClick={() => hidePopover(SIDEBAR_ID)}>
            <Icon name="plus" /> New chat
          </Link>
          <Form method="get" action={location.pathname} role="search" onSubmit={(event) => event.preventDefault()}>
            <input
              id="search"
              className="field"
              type="search"
              name="q"
              value={query}
              onChange={(event) => setQuery(event.target.value)}
              placeholder="Search chats"
              aria-label="Search chats"
            />
          </Form>
        </div>
        <nav aria-label="Chats" className="flex-1 overflow-y-auto px-3 pb-3">
          {found.length === 0 && (
            <p className="text-muted px-2 py-4 text-sm">
              {query.trim() ? 'No chat has this in its title.' : 'Your chats will be here.'}
            </p>
          )}
          {groupByDay(found, new Date(now)).map(({ label, items }) => (
            <section key={label} aria-label={label} className="mb-3">
              <h2 className="text-muted px-2 py-1 text-xs font-medium">{label}</h2>
              <ul>
                {items.map((chat) => (
                  <ChatRow key={chat.chatId} chat={chat} current={chat.chatId === openChatId} onManage={setManaged} />
                ))}
              </ul>
            </section>
          ))}
        </nav>
        <div className="border-line flex items-center justify-between gap-1 border-t p-2">
          <Link to="/settings" className="icon-button" title="Settings">
            <Icon name="sliders" /> Settings
          </Link>
          {signIn === 'clerk' && (
            <Suspense>
              <ClerkUserButton />
            </Suspense>
          )}
          <span className="flex items-center">
            <button
              type="button"
              className="icon-button needs-script max-md:hidden"
              aria-label="Keyboard shortcuts"
              {...opensPopover(SHORTCUTS_ID)}
            >
              <Icon name="help" />
            </button>
            <ThemeSwitch />
          </span>
        </div>
      </aside>
      {/* Not inside: a modal dialog closes the drawer. */}
      {managed && <ChatDialog chat={managed} onClose={() => setManaged(null)} />}
    </>
  );
}

function ChatRow({
  chat,
  current,
  onManage,
}: {
  chat: ChatSummary;
  current: boolean;
  onManage: (chat: ChatSummary) => void;
}) {
  const mark = markOf(chat, current);
  return (
    <li className="chat-row text-sm" data-current={current || undefined}>
      <Link to={`/chat/${chat.chatId}`} aria-current={current ? 'page' : undefined}>
        <span className="title" dir="auto">
          {chat.title}
        </span>
        {mark && (
          <>
            <span className={`mark ${mark.kind}`} aria-hidden="true" />
            <span className="sr-only">{mark.label}</span>
          </>
        )}
      </Link>
      <Link
        to={`/chat/${chat.chatId}/manage`}
        className="icon-button"
        aria-label={`Rename, export or delete “${chat.title}”`}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          onManage(chat);
        }}
      >
        <Icon name="more" className="bold" />
      </Link>
    </li>
  );
}

function markOf({ stream, unread }: ChatSummary, current: boolean): { kind: string; label: string } | null {
  if (stream?.status === 'active') return { kind: 'running', label: 'An answer is being written' };
  if (current || !unread) return null;
  return stream?.status === 'error'
    ? { kind: 'failed', label: 'The answer failed' }
    : { kind: 'unread', label: 'The answer is ready' };
}
