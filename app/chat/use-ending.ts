import { useCallback, useEffect, useRef, useState } from 'react';
import type { Chat } from '../../shared/chat/chat.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import type { ResumableStream } from '~/hooks/use-resumable-stream.ts';
import { useWords, type Words } from '~/words/words.ts';
import { metadataOf, reasonOf } from './conversation.ts';

/** How an answer ended on this page. `count` increases with each end. */
export interface Ending extends HowItEnded {
  count: number;
}

interface HowItEnded {
  how: 'complete' | 'stopped' | 'cut-off' | 'failed';
  reason: { code: string | undefined; text: string } | null;
}

/**
 * The ids of the answers whose end was reported. They are kept outside the component, because the first question of a new chat
 * leads to `/chat/<id>`, where another component is mounted. The answer may end before or after this change of components.
 */
const endedAnswers = new Set<string>();
/** The id of the answer that was requested last, until its end is reported. */
let awaited: string | null = null;

/** Call this function when the server has accepted the start of an answer. */
export const awaitEnd = (answerId: string): void => void (awaited = answerId);
export const hasEnded = (answerId: string): boolean => endedAnswers.has(answerId);

interface UseEnding {
  chat: Chat | null;
  leafId: string | null;
  stream: Pick<ResumableStream, 'status' | 'error' | 'message'>;
  /** True while the stream is connecting, queued or active. */
  followed: boolean;
}

/** How the last answer on this page ended; `null` if none has ended yet. Each end is counted once. */
export function useEnding({ chat, leafId, stream, followed }: UseEnding): Ending | null {
  const words = useWords();
  const [ending, setEnding] = useState<Ending | null>(null);
  const tell = useCallback((answerId: string, ended: HowItEnded) => {
    if (awaited === answerId) awaited = null;
    if (endedAnswers.has(answerId)) return;
    endedAnswers.add(answerId);
    setEnding((before) => ({ ...ended, count: (before?.count ?? 0) + 1 }));
  }, []);

  const wasFollowed = useRef(followed);
  const latest = useRef(stream);
  latest.current = stream;
  useEffect(() => {
    const { status, message } = latest.current;
    // A refused start also makes `followed` false, but no answer has ended. In this case `stream` is idle, or it is the
    // previous stream, whose end was already reported.
    if (wasFollowed.current && !followed && status !== 'idle' && message) {
      // If a question was removed from the queue, its stream is cancelled and has no content. The end of such a stream is not
      // reported. An awaited answer that was stopped before its first word looks the same, but its end is reported.
      const isRemoved = status === 'cancelled' && message.parts.length === 0 && message.id !== awaited;
      if (!isRemoved) tell(message.id, endOf(latest.current, words));
    }
    wasFollowed.current = followed;
  }, [followed, tell, words]);

  // The page may miss the end of a stream, for example if a short answer ends before the page follows its stream. In this case, the
  // stored message says how the answer ended.
  const last = chat?.messages.findLast(({ role }) => role === 'assistant') ?? null;
  const seen = useRef({ leafId, until: last?.createdAt ?? '' });
  useEffect(() => {
    if (!last) return;
    const isNew = seen.current.leafId === leafId && last.createdAt > seen.current.until;
    seen.current = { leafId, until: last.createdAt };
    if (isNew || last.id === awaited) tell(last.id, endOfStored(last));
  }, [last, leafId, tell]);
  return ending;
}

function endOfStored({ status, errorCode, errorText, metadata }: StoredMessage): HowItEnded {
  if (status === 'cancelled' || status === 'partial') return { how: 'stopped', reason: null };
  if (status === 'error') return { how: 'failed', reason: { code: errorCode, text: errorText ?? '' } };
  return { how: metadataOf(metadata).cutOff ? 'cut-off' : 'complete', reason: null };
}

function endOf({ status, error, message }: UseEnding['stream'], words: Words): HowItEnded {
  if (status === 'cancelled') return { how: 'stopped', reason: null };
  if (status === 'error') return { how: 'failed', reason: reasonOf(error, words) };
  return { how: metadataOf(message?.metadata).cutOff ? 'cut-off' : 'complete', reason: null };
}
