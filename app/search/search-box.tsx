import { Form, useLocation, useNavigate } from '@remix-run/react';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { hasTouchKeyboard, isEnter } from '~/ui/browser/enter-key.ts';
import { useWords } from '~/words/words.ts';
import { hitPath } from './hit-path.ts';
import { hitId, RESULTS_ID } from './search-results.tsx';
import type { Search } from './use-search.ts';

/** The search field of the sidebar. Arrow keys choose a result and Enter opens it. Without scripts, Enter opens the search page. */
export function SearchBox({ search }: { search: Search }) {
  const words = useWords();
  const navigate = useNavigate();
  const { query, answer, active, setQuery, setActive } = search;
  const hits = answer?.hits ?? [];
  const { key } = useLocation();
  const isOpening = useRef(false);
  useEffect(() => {
    // The composer does not take the focus by itself if the result is a message, or if its chat was open already.
    if (isOpening.current && document.activeElement === document.body && !hasTouchKeyboard())
      document.querySelector<HTMLElement>('#composer textarea')?.focus({ preventScroll: true });
    isOpening.current = false;
  }, [key]);

  const pressed = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && hits.length > 0 && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const next = (active + step + hits.length) % hits.length;
      setActive(next);
      document.getElementById(hitId(next))?.scrollIntoView({ block: 'nearest' });
    }
    if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
      if (query !== '') {
        event.preventDefault();
        setQuery('');
      } else if (!event.currentTarget.closest(':popover-open')) {
        // On a phone, the search is in a drawer, and Esc closes this drawer. Elsewhere, Esc moves the focus to the chat.
        (document.querySelector<HTMLElement>('#composer textarea') ?? document.getElementById('main'))?.focus();
      }
    }
    if (!isEnter(event.nativeEvent)) return;
    event.preventDefault();
    const wanted = query.trim();
    // The results may still belong to an earlier query.
    const hit = search.answered === wanted ? hits[active] : undefined;
    if (hit) {
      // The composer of the chat takes the focus only if nothing else has it.
      event.currentTarget.blur();
      isOpening.current = true;
      setQuery('');
      void navigate(`/chat/${hitPath(hit)}`);
    } else if (wanted !== '') void navigate(`/search?${new URLSearchParams({ q: wanted })}`);
  };

  return (
    <Form method="get" action="/search" role="search" onSubmit={(event) => event.preventDefault()}>
      <input
        id="search"
        className="field"
        type="search"
        name="q"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={pressed}
        placeholder={words.search.label}
        aria-label={words.search.label}
        aria-controls={hits.length > 0 ? RESULTS_ID : undefined}
        aria-activedescendant={hits.length > 0 ? hitId(active) : undefined}
        autoComplete="off"
        maxLength={200}
      />
    </Form>
  );
}
