import { useCallback, useEffect, useRef, useState } from 'react';
import type { Chat } from '../../shared/chat.ts';
import type { StoredMessage } from '../../shared/messages.ts';
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
 * The answers whose end this page has seen. `awaited` is the answer that was requested last, until its end is seen. Both are kept
 * outside the component: a new chat's page is replaced by the chat's own page, and the answer may end before, after or in between.
 */
const endedAnswers = new Set<string>();
let awaited: string | null = null;

/** Call it when the server has accepted a start. */
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
    // A start that was refused ends nothing: the stream before it, or none, is shown again.
    if (wasFollowed.current && !followed && status !== 'idle' && message) {
      // A question that was removed from the queue leaves a stream with only an end.
      const isRemoved = status === 'cancelled' && message.parts.length === 0 && message.id !== awaited;
      if (!isRemoved) tell(message.id, endOf(latest.current, words));
    }
    wasFollowed.current = followed;
  }, [followed, tell, words]);

  // This page may not have followed the answer to its end: it was short, or the next one has begun meanwhile.
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
