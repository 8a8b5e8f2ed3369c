import { Link, useLocation, useNavigation, useRouteLoaderData } from '@remix-run/react';
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from 'react';
import type { ChatSummary } from '../../../shared/chat/chat.ts';
import { SearchBox } from '~/search/search-box.tsx';
import { SearchResults } from '~/search/search-results.tsx';
import { useSearch } from '~/search/use-search.ts';
import { Icon } from '~/ui/icon.tsx';
import { closesPopover, hidePopover, popover, SIDEBAR_ID } from '~/ui/browser/popover.ts';
import { useWords } from '~/words/words.ts';
import { useChatActions } from '../chats/chat-actions.tsx';
import { ChatList } from '../chats/chat-list.tsx';
import { RowMenu } from '../chats/row-menu.tsx';
import { toggleShortcuts } from '../shortcuts.tsx';
import { hideSidebar } from './sidebar-visibility.ts';

const ClerkUserButton = lazy(() => import('~/auth/clerk-user-button.tsx'));

/**
 * The sidebar with the list of chats. On a large screen it stands beside the page, and on a small screen it is a drawer.
 *
 * `shared`: the chats of others in which the person is a member. They stand below the pinned chats.
 */
export function Sidebar({ shared }: { shared: ReactNode }) {
  const words = useWords();
  const { shell, common } = words;
  const search = useSearch(useChatActions().gone);
  const [menu, setMenu] = useState<{ chat: ChatSummary; button: HTMLElement } | null>(null);
  const openMenu = useCallback((chat: ChatSummary, button: HTMLElement) => setMenu({ chat, button }), []);
  const closeMenu = useCallback(() => setMenu(null), []);
  const location = useLocation();
  const signIn = useRouteLoaderData<{ signIn: 'clerk' | 'guest' }>('root')?.signIn;
  // The drawer closes as soon as a link is chosen. It does not wait until the new page has loaded, which may take long.
  const isLeaving = useNavigation().state === 'loading';
  useEffect(() => hidePopover(SIDEBAR_ID), [location.key, isLeaving]);

  return (
    <aside {...popover(SIDEBAR_ID)} className="sidebar" aria-label={shell.chats}>
      <div className="flex items-center justify-between gap-2 p-3 pb-1">
        <Link to="/" className="brand rounded px-1 text-lg font-semibold tracking-tight">
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
        <Link
          to="/"
          className="button"
          onClick={() => {
            hidePopover(SIDEBAR_ID);
            search.setQuery('');
          }}
        >
          <Icon name="plus" /> {common.newChat}
        </Link>
        <SearchBox search={search} />
      </div>
      {search.query.trim() === '' ? <ChatList shared={shared} onMenu={openMenu} /> : <SearchResults search={search} />}
      <div className="border-line flex items-center justify-between gap-1 border-t p-2">
        <Link to="/settings" className="icon-button">
          <Icon name="settings" /> {shell.settings}
        </Link>
        <Link to="/templates" className="icon-button">
          <Icon name="note" /> {words.templates.title}
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
          aria-haspopup="dialog"
          onClick={toggleShortcuts}
        >
          ?
        </button>
      </div>
      {/* The menu must be inside the drawer, because opening a popover outside the drawer would close the drawer. */}
      {menu && <RowMenu chat={menu.chat} button={menu.button} onClose={closeMenu} />}
    </aside>
  );
}
