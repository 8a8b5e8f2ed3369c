import { useCallback, useEffect, useRef, useState } from 'react';
import type { Queue, QueuedTurn } from '../../../shared/chat/chat.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import { browserEnvironment } from '~/hooks/stream-environment.ts';
import { StreamError } from '~/hooks/stream-error.ts';
import { persistently } from '~/hooks/stream-requests.ts';
import { useRefresh } from '~/layout/refresh.tsx';
import { tellTabs } from '~/layout/tab-channel.ts';

export interface QueueRequest {
  method: 'POST' | 'PATCH' | 'DELETE';
  /** The turn that is changed or removed. A `POST` leaves it out, and may name a turn in its `body`. */
  messageId?: string;
  body?: unknown;
}

/** Resolves to false if the change was refused, or if the server could not be reached. */
export type ChangeQueue = (request: QueueRequest) => Promise<boolean>;

/** The queue as it is after a change. */
interface Changed {
  queue: Queue;
  /** True if the server has responded to the change, but has rendered a different queue since. */
  isDoubted: boolean;
}

/**
 * The turns that wait, and a function that changes them. A change is shown at once, before the server has rendered it.
 * `problem`: why the last change failed.
 */
export function useQueue(chatId: string, rendered: Queue) {
  const refresh = useRefresh();
  const [changed, setChanged] = useState<Changed | null>(null);
  const [problem, setProblem] = useState<StreamError | null>(null);
  /** Number of changes that have no response yet. */
  const open = useRef(0);
  const latest = useRef(changed);
  latest.current = changed;
  useEffect(() => {
    if (latest.current === null || open.current > 0) return;
    const { queue, isDoubted } = latest.current;
    if (isDoubted || shows(rendered, queue)) return setChanged(null);
    // `rendered` may be older than the change. Therefore the page still shows its own queue, and loads the queue from the server once
    // more. Otherwise a turn that was removed would come back for a moment.
    setChanged({ queue, isDoubted: true });
    refresh();
  }, [rendered, refresh]);

  const change = useCallback<ChangeQueue>(
    async ({ method, messageId, body }) => {
      setProblem(null);
      const change = { method, messageId, body };
      setChanged((before) => ({ queue: foresee(before?.queue ?? rendered, change), isDoubted: false }));
      open.current += 1;
      const path = `/api/chats/${encodeURIComponent(chatId)}/queue${messageId ? `/${encodeURIComponent(messageId)}` : ''}`;
      let attempts = 0;
      const request = (signal: AbortSignal) => {
        attempts += 1;
        return fetch(path, {
          method,
          headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal,
        });
      };
      try {
        const answered = await persistently<Queue>({ environment: browserEnvironment, request });
        // If another change has no response yet, the queue in this response may lack that change.
        if (open.current > 1) return true;
        setChanged((before) => ({ queue: keepWhole(answered, before?.queue ?? rendered), isDoubted: false }));
        return true;
      } catch (thrown) {
        // The change was refused, or the server was not reached. `refresh` below loads the queue as it is now.
        setChanged(null);
        if (!(thrown instanceof StreamError)) throw thrown;
        // If a repeated request finds that the turn no longer waits, most likely an earlier attempt has sent or removed the turn, and
        // the response to that attempt was lost.
        if (attempts > 1 && method !== 'PATCH' && thrown.code === 'not_waiting') return true;
        setProblem(thrown);
        return false;
      } finally {
        open.current -= 1;
        tellTabs({ chatId });
        refresh();
      }
    },
    [chatId, rendered, refresh],
  );
  return { queue: changed?.queue ?? rendered, change, problem };
}

/** A response contains only the beginning of a long text. If the page has the whole text, the page keeps that text. */
function keepWhole(queue: Queue, shown: Queue): Queue {
  const turns = queue.turns.map((turn) => {
    const known = shown.turns.find(({ messageId }) => messageId === turn.messageId);
    const isSame = turn.cut && textOf(known).startsWith(textOf(turn));
    return known && isSame ? { ...turn, question: known.question, cut: known.cut } : turn;
  });
  return { ...queue, turns };
}

/** True if a rendered queue has the same turns as the queue on the page. Long texts in the rendered queue may be cut. */
const shows = (rendered: Queue, { paused, turns }: Queue): boolean =>
  rendered.paused === paused &&
  rendered.turns.length === turns.length &&
  rendered.turns.every((turn, i) => {
    const [text, onPage] = [textOf(turn), textOf(turns[i])];
    return turn.messageId === turns[i]!.messageId && (turn.cut ? onPage.startsWith(text) : onPage === text);
  });

const textOf = (turn: QueuedTurn | undefined): string => (turn?.question ? messageText(turn.question) : '');

/** The queue as it will most likely be after a change. */
function foresee(queue: Queue, { method, messageId, body }: QueueRequest): Queue {
  const at = queue.turns.findIndex((turn) => turn.messageId === messageId);
  const { place, text } = Object(body) as { place?: number; text?: string };
  const turns = [...queue.turns];
  const question = turns[at]?.question;
  if (question && text !== undefined)
    turns[at] = { ...turns[at]!, question: { ...question, parts: [{ type: 'text', text }] } };
  if (at === -1 || (method !== 'DELETE' && place === undefined)) return { ...queue, turns };
  const moved = turns.splice(at, 1);
  if (place !== undefined) turns.splice(place - 1, 0, ...moved);
  return { ...queue, turns: turns.map((turn, i) => ({ ...turn, place: i + 1 })) };
}
