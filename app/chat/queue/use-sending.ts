import { useCallback, useEffect, useState } from 'react';
import type { Chat, QueuedTurn } from '../../../shared/chat/chat.ts';
import { asQuestion } from '../conversation.ts';

/** A turn that this page is sending or has sent. It is kept until the server renders it. */
interface Sending {
  turn: QueuedTurn;
  /** True once the server has accepted the turn. */
  isSent: boolean;
  /** Number of renders without the turn since the server accepted it. */
  misses: number;
}

/** The first render without the turn may be older than the turn. A second one means that the turn has begun or was removed. */
const MAX_MISSES = 2;

/** The turns that the page shows as waiting before the server has rendered them. */
export function useSending(chat: Chat | null) {
  const [all, setAll] = useState<readonly Sending[]>([]);
  useEffect(
    () => setAll((before) => (before.length === 0 ? before : before.flatMap((one) => seen(one, chat)))),
    [chat],
  );

  const add = useCallback(
    ({ messageId, text, modelId, under }: Pick<QueuedTurn, 'messageId' | 'modelId' | 'under'> & { text: string }) =>
      setAll((before) => {
        const question = asQuestion(`q-${messageId}`, text, null);
        const turn = {
          messageId,
          modelId,
          streamId: '',
          place: 0,
          createdAt: '',
          question,
          cut: false,
          under,
          followsVersions: true,
        };
        return [...before, { turn, isSent: false, misses: 0 }];
      }),
    [],
  );
  /** To be called when the server has responded. `waits`: false if the turn was refused, or began at once. */
  const sent = useCallback(
    (messageId: string, waits: boolean) =>
      setAll((before) =>
        before.flatMap((one) => {
          if (one.turn.messageId !== messageId) return [one];
          return waits ? [{ ...one, isSent: true }] : [];
        }),
      ),
    [],
  );
  return { turns: all.map(({ turn }) => turn), add, sent };
}

function seen(one: Sending, chat: Chat | null): Sending[] {
  const { messageId } = one.turn;
  const isThere =
    chat?.queue.turns.some((turn) => turn.messageId === messageId) ||
    chat?.messages.some(({ id }) => id === messageId) ||
    chat?.stream?.messageId === messageId;
  if (isThere) return [];
  const misses = one.isSent ? one.misses + 1 : 0;
  return misses >= MAX_MISSES ? [] : [{ ...one, misses }];
}
