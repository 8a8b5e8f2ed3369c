import { useState } from 'react';

/**
 * Keeps what was just made, because its secret URL is in only one response. It is kept until another one is made, or until the
 * list on the page no longer has it. `busy`: the list may be older than the response.
 */
export function useJustMade<T>(
  made: T | undefined,
  { isListed, busy }: { isListed: (made: T) => boolean; busy: boolean },
): T | null {
  const [latest, setLatest] = useState(made);
  const [shown, setShown] = useState<T | null>(made ?? null);
  if (made !== undefined && made !== latest) {
    setLatest(made);
    setShown(made);
  } else if (shown !== null && !busy && !isListed(shown)) {
    setShown(null);
  }
  return shown;
}
