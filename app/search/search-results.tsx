import { Link } from '@remix-run/react';
import { isForNewTab } from '~/ui/browser/for-new-tab.ts';
import { fill, problemSentence, useWords } from '~/words/words.ts';
import { hitPath } from './hit-path.ts';
import { HitText } from './hit-text.tsx';
import type { Search } from './use-search.ts';

export const RESULTS_ID = 'search-results';
export const hitId = (index: number): string => `hit-${index}`;

/** The results of a search. The sidebar shows them instead of the list of chats. The focus stays in the search field. */
export function SearchResults({ search }: { search: Search }) {
  const words = useWords();
  const { query, answer, answered, problem, active, setQuery, setActive } = search;
  const hits = answer?.hits ?? [];
  const isWaiting = answered !== query.trim();
  const status = problem
    ? problemSentence(words, problem)
    : answer === null
      ? words.search.searching
      : hits.length === 0 && !isWaiting
        ? words.search.nothing
        : null;
  return (
    <div className="flex-1 overflow-y-auto px-3 pb-3" aria-busy={isWaiting}>
      <p role="status" className={status === null ? 'sr-only' : 'text-muted px-2 py-4 text-sm'}>
        {status ?? (isWaiting ? '' : fill(words.search.found, { count: countOf(hits.length, answer?.next ?? null) }))}
      </p>
      {hits.length > 0 && (
        <div id={RESULTS_ID} role="listbox" aria-label={words.search.title}>
          {hits.map((hit, index) => (
            <Link
              key={hit.chatId}
              id={hitId(index)}
              role="option"
              aria-selected={index === active}
              tabIndex={-1}
              to={`/chat/${hitPath(hit)}`}
              className="hit"
              onClick={(event) => !isForNewTab(event) && setQuery('')}
              onMouseMove={() => index !== active && setActive(index)}
            >
              <HitText hit={hit} />
            </Link>
          ))}
        </div>
      )}
      {answer?.next && (
        <Link className="button mt-2 w-full" to={`/search?${new URLSearchParams({ q: answered })}`}>
          {words.common.more}
        </Link>
      )}
    </div>
  );
}

/** `20`, or `20+` if there are more. */
const countOf = (count: number, next: string | null): string => `${count}${next === null ? '' : '+'}`;
