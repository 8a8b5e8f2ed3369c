import { useNavigate, useSearchParams } from '@remix-run/react';
import { useState, type ComponentType, type ReactNode } from 'react';
import type { ShareDialogProps } from './share-dialog.tsx';

interface Sharing {
  /** The URL of the page with the same forms, for browsers without JavaScript. */
  page: string;
  open: () => void;
  dialog: ReactNode;
}

/** The dialog that shares a chat. */
export function useShareDialog(chat: ShareDialogProps['chat'] | null): Sharing {
  const navigate = useNavigate();
  const [loaded, setLoaded] = useState<{ ShareDialog: ComponentType<ShareDialogProps> } | null>(null);
  const [search] = useSearchParams();
  const leaf = search.get('leaf');
  const query = leaf === null ? '' : `?${new URLSearchParams({ leaf })}`;
  const page = `/chat/${encodeURIComponent(chat?.chatId ?? '')}/share${query}`;
  const open = () => {
    // Loaded when it is opened, so that it is not part of the page's first load.
    import('./share-dialog.tsx').then(
      ({ ShareDialog }) => setLoaded({ ShareDialog }),
      // Without a network, the page opens as soon as there is one again.
      () => navigate(page),
    );
  };
  const dialog = chat && loaded && <loaded.ShareDialog chat={chat} leaf={leaf} onClose={() => setLoaded(null)} />;
  return { page, open, dialog };
}
