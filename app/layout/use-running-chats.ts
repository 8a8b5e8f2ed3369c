import { useEffect, useState } from 'react';
import type { ChatSummary } from '../../shared/chat.ts';

const POLL_MS = 3_000;

/**
 * The list of chats. It is polled while an answer is written in a chat that is not open, because nothing else reports
 * the end. `rendered`: the last list from the server's render.
 */
export function useRunningChats(rendered: ChatSummary[], openChatId: string | undefined): ChatSummary[] {
  const [polled, setPolled] = useState<{ rendered: ChatSummary[]; chats: ChatSummary[] } | null>(null);
  const chats = polled?.rendered === rendered ? polled.chats : rendered;
  const elsewhere = chats.some(({ chatId, stream }) => stream?.status === 'active' && chatId !== openChatId);

  useEffect(() => {
    if (!elsewhere) return;
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible') return;
      fetchChats().then(
        (fresh) => setPolled({ rendered, chats: fresh }),
        // The next poll follows in a moment.
        () => undefined,
      );
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [elsewhere, rendered]);
  return chats;
}

async function fetchChats(): Promise<ChatSummary[]> {
  const response = await fetch('/api/chats', { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`The list of chats was answered with ${response.status}.`);
  return ((await response.json()) as { chats: ChatSummary[] }).chats;
}
