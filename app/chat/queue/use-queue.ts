import { useCallback, useEffect, useState } from 'react';
import type { Queue } from '../../../shared/chat.ts';
import { useRefresh } from '~/layout/refresh.tsx';
import { tellTabs } from '~/layout/tab-channel.ts';

export interface QueueRequest {
  method: 'POST' | 'PATCH' | 'DELETE';
  /** The turn. Left out for the whole queue. */
  messageId?: string;
  body?: unknown;
}

/** The turns that wait, and a function that changes them. What it answers is shown until the page is loaded again. */
export function useQueue(chatId: string, rendered: Queue) {
  const refresh = useRefresh();
  const [changed, setChanged] = useState<Queue | null>(null);
  useEffect(() => setChanged(null), [rendered]);

  const change = useCallback(
    async ({ method, messageId, body }: QueueRequest): Promise<void> => {
      const path = `/api/chats/${encodeURIComponent(chatId)}/queue${messageId ? `/${encodeURIComponent(messageId)}` : ''}`;
      try {
        const response = await fetch(path, {
          method,
          headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (response.ok) setChanged((await response.json()) as Queue);
      } catch {
        // The page shows the queue as it is, once it is loaded again.
      }
      tellTabs({ chatId });
      refresh();
    },
    [chatId, refresh],
  );
  return { queue: changed ?? rendered, change };
}
