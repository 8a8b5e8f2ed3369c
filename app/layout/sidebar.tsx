import { Form, Link, useLocation, useParams, useRouteLoaderData } from '@remix-run/react';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import type { ChatSummary } from '../../shared/chat.ts';
import { Icon } from '~/ui/icon.tsx';
import { closesPopover, hidePopover, opensPopover, popover, SHORTCUTS_ID, SIDEBAR_ID } from '~/ui/popover.ts';
import { useWords } from '~/words/words.ts';
import { useChatActions } from './chat-actions.tsx';
import { ChatRow } from './chat-row.tsx';
import { groupByDay } from './group-by-day.ts';
import { useLayout } from './layout-data.tsx';
import { RowMenu } from './row-menu.tsx';
import { hideSidebar } from './sidebar-visibility.ts';
import { useMoreChats } from './use-more-chats.ts';
import { useRunningChats } from './use-running-chats.ts';

const ClerkUserButton = lazy(() => import('~/auth/clerk-user-button.tsx'));

/** The conversations: beside the page on large screens, a drawer on small ones. */
export function Sidebar() {
  const words = useWords();
  const { shell, common, search } = words;
  const { query: renderedQuery } = useLayout();
  const [query, setQuery] = useState(renderedQuery);
  const [menu, setMenu] = useState<{ chat: ChatSummary; button: HTMLElement } | null>(null);
  const openMenu = useCallback((chat: ChatSummary, button: HTMLElement) => setMenu({ chat, button }), []);
  const closeMenu = useCallback(() => setMenu(null), []);
  const location = useLocation();
  const signIn = useRouteLoaderData<{ signIn: 'clerk' | 'guest' }>('root')?.signIn;
  useEffect(() => hidePopover(SIDEBAR_ID), [location.key]);

  return (
    <aside {...popover(SIDEBAR_ID)} className="sidebar" aria-label={shell.chats}>
      <div className="flex items-center justify-between gap-2 p-3 pb-1">
        <Link to="/" className="rounded px-1 text-lg font-semibold tracking-tight">
          Rejoin
        </Link>
        <button
          type="button"
          className="icon-button md:hidden"
          aria-label={shell.closeChats}
          {...closesPopover(SIDEBAR_ID)}
        >
          <Icon name="close" />
        </button>
        <button
          id="hide-sidebar"
          type="button"
          className="icon-button needs-script max-md:hidden"
          aria-label={shell.hideSidebar}
          title={shell.hideSidebar}
          onClick={() => {
            hideSidebar(true);
            document.querySelector<HTMLElement>('.menu-button')?.focus();
          }}
        >
          <Icon name="sidebar" />
        </button>
      </div>
      <div className="grid gap-2 p-3">
        <Link to="/" className="button" onClick={() => hidePopover(SIDEBAR_ID)}>
          <Icon name="plus" /> {common.newChat}
        </Link>
        <Form method="get" action={location.pathname} role="search" onSubmit={(event) => event.preventDefault()}>
          <input
            id="search"
            className="field"
            type="search"
            name="q"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            placeholder={search.label}
            aria-label={search.label}
            autoComplete="off"
          />
        </Form>
      </div>
      <ChatList query={query} onMenu={openMenu} />
      <div className="border-line flex items-center justify-between gap-1 border-t p-2">
        <Link to="/settings" className="icon-button">
          <Icon name="settings" /> {shell.settings}
        </Link>
        {signIn === 'clerk' && (
          <Suspense>
            <ClerkUserButton />
          </Suspense>
        )}
        <button
          type="button"
          className="icon-button needs-script max-md:hidden"
          aria-label={words.shortcuts.title}
          title={words.shortcuts.title}
          {...opensPopover(SHORTCUTS_ID)}
        >
          ?
        </button>
      </div>
      {/* This must be inside the drawer, because opening a popover outside would close it. */}
      {menu && <RowMenu chat={menu.chat} button={menu.button} onClose={closeMenu} />}
    </aside>
  );
}

function ChatList({ query, onMenu }: { query: string; onMenu: (chat: ChatSummary, button: HTMLElement) => void }) {
  const words = useWords();
  const { chats: rendered, next, now } = useLayout();
  const { chatId: openChatId } = useParams();
  const { gone } = useChatActions();
  const more = useMoreChats(useRunningChats(rendered, openChatId), next);
  const chats = more.chats.filter(({ chatId }) => !gone.has(chatId));
  const wanted = query.trim().toLowerCase();
  const found = chats.filter(({ title }) => title.toLowerCase().includes(wanted));
  const groups = groupByDay(found, { now: new Date(now), words: words.shell, language: words.language });
  return (
    <nav
      aria-label={words.shell.chats}
      className="flex-1 overflow-y-auto px-3 pb-3"
      onScroll={({ currentTarget: box }) => {
        if (box.scrollHeight - box.clientHeight - box.scrollTop < 400) more.load();
      }}
    >
      {found.length === 0 && (
        <p className="text-muted px-2 py-4 text-sm">{wanted ? words.search.nothing : words.shell.noChats}</p>
      )}
      {groups.map(({ label, items }) => (
        <section key={label} aria-label={label} className="mb-3">
          <h2 className="text-muted px-2 py-1 text-xs font-medium">{label}</h2>
          <ul>
            {items.map((chat) => (
              <ChatRow key={chat.chatId} chat={chat} current={chat.chatId === openChatId} onMenu={onMenu} />
            ))}
          </ul>
        </section>
      ))}
      {more.hasMore && (
        <p className="grid">
          <button type="button" className="button needs-script" onClick={more.load}>
            {words.shell.older}
          </button>
          <Link className="button without-script" to={`?older=${encodeURIComponent(next ?? '')}`}>
            {words.shell.older}
          </Link>
        </p>
      )}
    </nav>
  );
}
