import { useCallback, useState } from 'react';
import type { ChatList, ChatSummary } from '../../../shared/chat.ts';

export interface MoreChats {
  chats: ChatSummary[];
  /** True if there are older chats. */
  hasMore: boolean;
  load: () => void;
}

/** The current first page of the list, followed by the older pages that were loaded in this tab. */
export function useMoreChats(firstPage: ChatSummary[], firstNext: string | null): MoreChats {
  const [older, setOlder] = useState<{ chats: ChatSummary[]; next: string | null } | null>(null);
  const [loading, setLoading] = useState(false);
  const next = older ? older.next : firstNext;
  const load = useCallback(() => {
    if (next === null || loading) return;
    setLoading(true);
    void fetch(`/api/chats?${new URLSearchParams({ before: next })}`, { headers: { Accept: 'application/json' } })
      .then(async (response) => (response.ok ? ((await response.json()) as ChatList) : null))
      // The page is requested again when the person scrolls on.
      .catch(() => null)
      .then((page) => {
        setLoading(false);
        if (page) setOlder((before) => ({ chats: [...(before?.chats ?? []), ...page.chats], next: page.next }));
      });
  }, [next, loading]);
  const known = new Set(firstPage.map(({ chatId }) => chatId));
  return {
    chats: [...firstPage, ...(older?.chats ?? []).filter(({ chatId }) => !known.has(chatId))],
    hasMore: next !== null,
    load,
  };
}
