import { useCallback, useRef, useState } from 'react';
import { browserEnvironment } from '~/hooks/stream-environment.ts';
import type { StreamError } from '~/hooks/stream-error.ts';
import { persistently } from '~/hooks/stream-requests.ts';
import { useRefresh } from '~/layout/refresh.tsx';
import { tellTabs } from '~/layout/tab-channel.ts';
import { newId } from '~/ui/new-id.ts';

interface Said {
  text: string;
  messageId: string;
}

/**
 * Adds messages to a room without asking the model. `say(text, after)` adds `text` after the message with the id `after`, or after
 * the newest message if `after` is `null`. If `say` resolves to false, sending has failed, and the composer has to show the text
 * again.
 */
export function useSay(chatId: string): {
  say: (text: string, after: string | null) => Promise<boolean>;
  problem: StreamError | null;
  /** Hides the problem. */
  dismiss: () => void;
} {
  const refresh = useRefresh();
  const [problem, setProblem] = useState<StreamError | null>(null);
  /** The last message that the server has not confirmed. If its text is sent again, the id is the same, so the server adds one message. */
  const unconfirmed = useRef<Said | null>(null);
  const say = useCallback(
    async (text: string, after: string | null) => {
      setProblem(null);
      const said = unconfirmed.current?.text === text ? unconfirmed.current : { text, messageId: newId() };
      unconfirmed.current = said;
      try {
        await persistently({
          environment: browserEnvironment,
          request: (signal) =>
            fetch(`/api/chats/${encodeURIComponent(chatId)}/say`, {
              method: 'POST',
              headers: { accept: 'application/json', 'content-type': 'application/json' },
              body: JSON.stringify({ ...said, ...(after === null ? {} : { parentId: after }) }),
              signal,
            }),
        });
      } catch (thrown) {
        setProblem(thrown as StreamError);
        return false;
      }
      unconfirmed.current = null;
      tellTabs({ chatId });
      refresh();
      return true;
    },
    [chatId, refresh],
  );
  const dismiss = useCallback(() => setProblem(null), []);
  return { say, problem, dismiss };
}
