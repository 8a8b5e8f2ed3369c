import { Link, useSearchParams } from '@remix-run/react';
import { lazy, Suspense, useState } from 'react';
import { isForNewTab } from '~/layout/chats/chat-menu.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

/** Loaded when it is opened, so that it is not part of the page's first load. */
const ShareDialog = lazy(() => import('./share-dialog.tsx'));

interface SharedChat {
  chatId: string;
  title: string;
}

/** The entry of a chat's menu that shares it, and its dialog. Without JavaScript it is a link to a page with the same form. */
export function useShareEntry(chat: SharedChat, onClose: () => void) {
  const [isOpen, setIsOpen] = useState(false);
  const [search] = useSearchParams();
  const { share } = useWords();
  const leaf = search.get('leaf');
  const entry = (
    <Link
      to={`/chat/${encodeURIComponent(chat.chatId)}/share${leaf === null ? '' : `?${new URLSearchParams({ leaf })}`}`}
      className="menu-item"
      onClick={(event) => {
        if (isForNewTab(event)) return;
        event.preventDefault();
        onClose();
        setIsOpen(true);
      }}
    >
      <Icon name="share" /> {share.entry}
    </Link>
  );
  const dialog = isOpen && (
    <Suspense fallback={null}>
      <ShareDialog chat={chat} leaf={leaf} onClose={() => setIsOpen(false)} />
    </Suspense>
  );
  return { entry, dialog };
}
