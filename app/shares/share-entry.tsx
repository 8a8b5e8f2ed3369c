import { Link, useNavigate, useSearchParams } from '@remix-run/react';
import { useState, type ComponentType } from 'react';
import { isForNewTab } from '~/layout/chats/chat-menu.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';
import type { ShareDialogProps } from './share-dialog.tsx';

interface SharedChat {
  chatId: string;
  title: string;
}

/** The entry of a chat's menu that shares it, and its dialog. Without JavaScript it is a link to a page with the same form. */
export function useShareEntry(chat: SharedChat, onClose: () => void) {
  const navigate = useNavigate();
  const [loaded, setLoaded] = useState<{ ShareDialog: ComponentType<ShareDialogProps> } | null>(null);
  const [search] = useSearchParams();
  const { share } = useWords();
  const leaf = search.get('leaf');
  const page = `/chat/${encodeURIComponent(chat.chatId)}/share${leaf === null ? '' : `?${new URLSearchParams({ leaf })}`}`;
  const open = () => {
    // Loaded when it is opened, so that it is not part of the page's first load.
    import('./share-dialog.tsx').then(
      ({ ShareDialog }) => setLoaded({ ShareDialog }),
      // Without a network, the page opens as soon as there is one again.
      () => navigate(page),
    );
  };
  const entry = (
    <Link
      to={page}
      className="menu-item"
      onClick={(event) => {
        if (isForNewTab(event)) return;
        event.preventDefault();
        onClose();
        open();
      }}
    >
      <Icon name="share" /> {share.entry}
    </Link>
  );
  const dialog = loaded && <loaded.ShareDialog chat={chat} leaf={leaf} onClose={() => setLoaded(null)} />;
  return { entry, dialog };
}
