import { useEffect, useRef, useState } from 'react';
import type { ChatList } from '../../../shared/chat/chat.ts';
import { getJson } from '~/ui/get-json.ts';

const POLL_MS = 3_000;

export type ChatLists = Pick<ChatList, 'chats' | 'pinned' | 'next'>;

/**
 * The list of chats. While an answer is written in a chat that is not open, the list is requested every few seconds, because nothing
 * else reports the end of that answer. `rendered`: the list in the data of the layout.
 */
export function useRunningChats(rendered: ChatLists, openChatId: string | undefined): ChatLists {
  const [polled, setPolled] = useState<{ rendered: ChatLists; lists: ChatLists } | null>(null);
  // `rendered` is a new object whenever the layout's data is loaded. The polled list is then older, and is not used.
  const lists = polled?.rendered === rendered ? polled.lists : rendered;
  const elsewhere = [...lists.chats, ...lists.pinned].some(
    ({ chatId, stream }) => stream?.status === 'active' && chatId !== openChatId,
  );

  /** True while a request has no response. No second request is sent meanwhile, so that a slow server does not get more work. */
  const isAsking = useRef(false);
  useEffect(() => {
    if (!elsewhere) return;
    const timer = setInterval(() => {
      if (isAsking.current || document.visibilityState !== 'visible') return;
      isAsking.current = true;
      fetchChats()
        .then(
          (fresh) => setPolled({ rendered, lists: fresh }),
          // A failed request is ignored, because the next one follows in a moment.
          () => undefined,
        )
        .finally(() => (isAsking.current = false));
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [elsewhere, rendered]);
  return lists;
}

async function fetchChats(): Promise<ChatLists> {
  const response = await getJson('/api/chats');
  if (!response.ok) throw new Error(`The request for the list of chats got ${response.status}.`);
  return (await response.json()) as ChatList;
}
