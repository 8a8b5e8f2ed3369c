import { useState } from 'react';

/**
 * Keeps the thing that was made last (an invite or a public page), because its secret URL is in only one response. The thing is
 * kept until another one is made, or until the list on the page no longer has it. While `busy`, the list is ignored, because
 * it may be older than the response.
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
