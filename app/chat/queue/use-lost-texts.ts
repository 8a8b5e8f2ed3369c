import { useEffect, useRef, useState } from 'react';
import type { QueuedTurn } from '../../../shared/chat/chat.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import { useDrafts } from '~/layout/typed/drafts.ts';

/**
 * The server removes the waiting questions of a person who may not ask any more. This browser keeps their texts, so that the person
 * does not lose them. Returns these texts, and a function that forgets them. `own`: the person's questions that wait.
 */
export function useLostTexts(
  chatId: string,
  { mayAct, own, shown }: { mayAct: boolean; own: readonly QueuedTurn[]; shown: ReadonlySet<string> },
) {
  const kept = useDrafts('asked', chatId);
  const [lost, setLost] = useState<readonly string[]>([]);
  const seen = useRef('');
  useEffect(() => {
    const ids = own.map(({ messageId }) => messageId);
    const now = [mayAct, ...ids].join(' ');
    if (now === seen.current) return;
    seen.current = now;
    if (mayAct) {
      if (kept.size > 0) kept.clear();
      for (const { messageId, question } of own) if (question) kept.set(messageId, messageText(question));
    }
    const isLost = (id: string) => !mayAct && !ids.includes(id) && !shown.has(id);
    setLost([...kept].filter(([id]) => isLost(id)).map(([, text]) => text));
  }, [own, mayAct, kept, shown]);
  const forget = () => {
    kept.clear();
    setLost([]);
  };
  return { lost, forget };
}
