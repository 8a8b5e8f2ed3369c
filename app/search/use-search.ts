import { useEffect, useRef, useState } from 'react';
import type { SearchAnswer } from '../../shared/search.ts';

/** The search begins when typing has paused for this long. */
const PAUSE_MS = 150;
/** A search that failed is tried again after this time. */
const AGAIN_MS = 1000;

export interface Search {
  query: string;
  /** The last result, which belongs to `answered`. `null`: there was no search yet. */
  answer: SearchAnswer | null;
  /** The query that `answer` belongs to. */
  answered: string;
  failed: boolean;
  /** The result that Enter opens. */
  active: number;
  setQuery(query: string): void;
  setActive(index: number): void;
}

/** Searches while the person types. One request runs at a time; a newer query is sent when it has ended. */
export function useSearch(): Search {
  const [query, setQuery] = useState('');
  const [state, setState] = useState<Pick<Search, 'answer' | 'answered' | 'failed'>>(NOTHING);
  const [active, setActive] = useState(0);
  const running = useRef(false);
  const [round, setRound] = useState(0);
  const wanted = query.trim();
  const { answered, failed } = state;

  useEffect(() => {
    if (wanted === '') return setState(NOTHING);
    if (wanted === answered && !failed) return;
    if (running.current) return;
    const isAgain = failed && wanted === answered;
    const timer = setTimeout(
      () => {
        running.current = true;
        void ask(wanted).then((answer) => {
          running.current = false;
          setActive(0);
          setState((before) => ({ answer: answer ?? before.answer, answered: wanted, failed: answer === null }));
          setRound((count) => count + 1);
        });
      },
      isAgain ? AGAIN_MS : PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [wanted, answered, failed, round]);

  return { query, ...state, active, setQuery, setActive };
}

const NOTHING = { answer: null, answered: '', failed: false };

async function ask(query: string): Promise<SearchAnswer | null> {
  const path = `/api/search?${new URLSearchParams({ q: query })}`;
  const response = await fetch(path, { headers: { Accept: 'application/json' } }).catch(() => null);
  return response?.ok ? ((await response.json().catch(() => null)) as SearchAnswer | null) : null;
}
