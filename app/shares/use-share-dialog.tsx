import { useNavigate, useSearchParams } from '@remix-run/react';
import { useState, type ComponentType, type ReactNode } from 'react';
import type { ShareDialogProps } from './share-dialog.tsx';

interface Sharing {
  /** The query of the page with the same forms, `/chat/:chatId/share`, for browsers without JavaScript. */
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
    // Loaded when it is opened, so that it is not part of the page's first load.
    import('./share-dialog.tsx').then(
      ({ ShareDialog }) => setLoaded({ ShareDialog }),
      // Without a network, the page opens as soon as there is one again.
      () => navigate(`/chat/${encodeURIComponent(chat?.chatId ?? '')}/share${query}`),
    );
  };
  const dialog = chat && loaded && <loaded.ShareDialog chat={chat} leaf={leaf} onClose={() => setLoaded(null)} />;
  return { query, open, dialog };
}
