import { useNavigate, useSearchParams } from '@remix-run/react';
import { useState, type ComponentType, type ReactNode } from 'react';
import type { ShareDialogProps } from './share-dialog.tsx';

interface Sharing {
  /** The query string for `/chat/:chatId/share`, the page that shows the dialog's forms without JavaScript. */
  query: string;
  open: () => void;
  dialog: ReactNode;
}

export function useShareDialog(chat: ShareDialogProps['chat'] | null): Sharing {
  const navigate = useNavigate();
  const [loaded, setLoaded] = useState<{ ShareDialog: ComponentType<ShareDialogProps> } | null>(null);
  const [search] = useSearchParams();
  const leaf = search.get('leaf');
  const query = leaf === null ? '' : `?${new URLSearchParams({ leaf })}`;
  const open = () => {
    // The code of the dialog is loaded when the dialog is opened, so that it is not part of the page's first load.
    import('./share-dialog.tsx').then(
      ({ ShareDialog }) => setLoaded({ ShareDialog }),
      // If the code cannot be loaded, the page with the same forms opens as soon as the network is back.
      () => navigate(`/chat/${encodeURIComponent(chat?.chatId ?? '')}/share${query}`),
    );
  };
  const dialog = chat && loaded && <loaded.ShareDialog chat={chat} leaf={leaf} onClose={() => setLoaded(null)} />;
  return { query, open, dialog };
}
