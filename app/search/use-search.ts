import { useEffect, useRef, useState } from 'react';
import type { SearchAnswer } from '../../shared/chat/search.ts';
import { backoffMs } from '~/hooks/backoff.ts';
import { ensureSession } from '~/hooks/stream-environment.ts';
import { errorOfResponse, StreamError } from '~/hooks/stream-error.ts';
import { getJson } from '~/ui/get-json.ts';

/** The search begins when typing has paused for this long. */
const PAUSE_MS = 150;

export interface Search {
  query: string;
  /** The last result. It belongs to `answered`, or to an earlier query if there is a `problem`. `null`: there is no result yet. */
  answer: SearchAnswer | null;
  /** The query of the last search, even if that search failed. */
  answered: string;
  /** Why the last search failed; `null` if it succeeded. */
  problem: StreamError | null;
  /** The result that Enter opens. */
  active: number;
  setQuery(query: string): void;
  setActive(index: number): void;
}

interface State extends Pick<Search, 'answer' | 'answered' | 'problem'> {
  /** The number of searches that have failed since the last successful search. */
  failures: number;
  /** True if the same query may succeed later. */
  isRetried: boolean;
  /** No search is sent before this time (in ms since 1970), because the server asked for a pause. */
  notBefore: number;
}

/**
 * Searches while the person types, and leaves out results in the chats `hidden`. One request runs at a time; a newer query is sent
 * when that request has ended. A search that the server could not answer is repeated, after longer and longer pauses. A query that
 * the server refuses is not repeated.
 */
export function useSearch(hidden: ReadonlySet<string>): Search {
  const [query, setQuery] = useState('');
  const [state, setState] = useState<State>(NOTHING);
  const [active, setActive] = useState(0);
  const running = useRef(false);
  const wanted = query.trim();

  useEffect(() => {
    const { answered, problem, failures, isRetried, notBefore } = state;
    if (wanted === '') {
      if (answered !== '') setState({ ...NOTHING, failures, notBefore });
      return;
    }
    const isAgain = problem !== null && wanted === answered;
    if (wanted === answered && !(isAgain && isRetried)) return;
    const search = () => {
      if (running.current) return;
      running.current = true;
      void ask(wanted).then((result) => {
        running.current = false;
        setActive(0);
        setState((before) => after(before, wanted, result));
      });
    };
    const delayMs = isAgain ? backoffMs(failures, Math.random()) : PAUSE_MS;
    const timer = setTimeout(search, Math.max(delayMs, notBefore - Date.now()));
    const whenOnline = () => Date.now() >= notBefore && search();
    if (isAgain) addEventListener('online', whenOnline);
    return () => {
      clearTimeout(timer);
      removeEventListener('online', whenOnline);
    };
  }, [wanted, state]);

  const { answered, problem } = state;
  const hits = state.answer?.hits.filter(({ chatId }) => !hidden.has(chatId)) ?? [];
  const answer = state.answer && { ...state.answer, hits };
  return {
    query,
    answer,
    answered,
    problem,
    active: Math.min(active, Math.max(0, hits.length - 1)),
    setQuery,
    setActive,
  };
}

const NOTHING: State = { answer: null, answered: '', problem: null, failures: 0, isRetried: false, notBefore: 0 };

type Result = { answer: SearchAnswer } | { problem: StreamError; isRetried: boolean; retryAfterMs: number };

function after(before: State, answered: string, result: Result): State {
  if ('answer' in result) return { ...NOTHING, answer: result.answer, answered };
  const { problem, isRetried, retryAfterMs } = result;
  const { answer, failures } = before;
  return { answer, answered, problem, failures: failures + 1, isRetried, notBefore: Date.now() + retryAfterMs };
}

async function ask(query: string): Promise<Result> {
  try {
    await ensureSession();
    const path = `/api/search?${new URLSearchParams({ q: query })}`;
    const response = await getJson(path);
    if (response.ok) return { answer: (await response.json()) as SearchAnswer };
    return {
      problem: await errorOfResponse(response),
      isRetried: response.status === 429 || response.status >= 500,
      retryAfterMs: (Number(response.headers.get('Retry-After')) || 0) * 1000,
    };
  } catch (thrown) {
    return { problem: new StreamError('network_error', '', null, thrown), isRetried: true, retryAfterMs: 0 };
  }
}
