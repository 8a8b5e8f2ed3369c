import { useRef, useState } from 'react';
import type { ChatList, ChatSummary } from '../../../shared/chat/chat.ts';
import { getJson } from '~/ui/get-json.ts';

/** A part of the list, newest first. `next`: where the older chats begin; `null` if there are none. */
export type ChatPage = Pick<ChatList, 'chats' | 'next'>;

export interface MoreChats {
  chats: ChatSummary[];
  hasMore: boolean;
  load: () => void;
}

/** The current first page of the list, followed by the older chats that were loaded in this tab. */
export function useMoreChats(firstPage: ChatPage): MoreChats {
  const [loaded, setLoaded] = useState<ChatPage | null>(null);
  const isLoading = useRef(false);
  const all = joined(firstPage, loaded);
  function load(): void {
    if (all.next === null || isLoading.current) return;
    isLoading.current = true;
    void getJson(`/api/chats?${new URLSearchParams({ before: all.next })}`)
      .then(async (response) => (response.ok ? ((await response.json()) as ChatList) : null))
      // An error is ignored, because the page is requested again when the person scrolls on.
      .catch(() => null)
      .then((page) => {
        isLoading.current = false;
        if (page) setLoaded({ chats: [...all.chats, ...page.chats], next: page.next });
      });
  }
  return { chats: all.chats, hasMore: all.next !== null, load };
}

/**
 * The current first page, followed by the older chats of `loaded`. `loaded` also contains an earlier first page. So a chat stays in
 * the list when newer chats push it off the first page.
 */
export function joined(firstPage: ChatPage, loaded: ChatPage | null): ChatPage {
  const oldest = firstPage.chats.at(-1);
  const newestLoaded = loaded?.chats[0];
  // If the whole first page is newer than every loaded chat, there may be chats in between that were never loaded.
  const hasGap = oldest && newestLoaded && oldest.updatedAt > newestLoaded.updatedAt;
  if (loaded === null || oldest === undefined || firstPage.next === null || hasGap) return firstPage;
  const known = new Set(firstPage.chats.map(({ chatId }) => chatId));
  // A loaded chat that is newer than `oldest`, but is not on the first page, was deleted or archived.
  const older = loaded.chats.filter(({ chatId, updatedAt }) => updatedAt <= oldest.updatedAt && !known.has(chatId));
  return { chats: [...firstPage.chats, ...older], next: loaded.next };
}
